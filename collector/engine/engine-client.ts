import { extname } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Format } from "../../licensing/telemetry/exposition.ts";
import type { Clock, Instant } from "../../licensing/time.ts";
import { StoreUnavailable, StoreUnreachable } from "../store/store.ts";
import type { Command, EngineOptions, Reply, Submitted, WorkerOptions } from "./messages.ts";
import type { Answer, Queries, Query } from "./queries.ts";
import { pack, type ReceivedRequest } from "./request-batch.ts";
import { unanswered } from "./unanswered.ts";

/** The engine as the HTTP thread sees it. */
export interface EngineClient {
  /** Takes one request; its body must not change until this has resolved. */
  submit(request: ReceivedRequest): Promise<Submitted>;
  /** The exposition's text as bytes, ready to be sent. */
  metrics(format: Format): Promise<Uint8Array>;
  ask<K extends keyof Queries>(query: Query<K>): Promise<Answer<K>>;
  sweep(): Promise<void>;
  /** Asks whether the store can be read, so that its loss is noticed without another request. */
  check(): Promise<void>;
  /** Why its figures are not to be relied on; undefined while they are. */
  readonly trouble: string | undefined;
  /** Since when questions are not answered, because the store's server cannot be reached or does not answer. */
  readonly unreachableSince: Instant | undefined;
  /** Bytes of requests that are not committed yet. */
  readonly pendingBytes: number;
  close(): Promise<void>;
}

interface Watch {
  /** By which `unreachableSince` is told; `Date.now` where it is absent. */
  readonly clock?: Clock;
  /** What the operator should know about the store, at the start. */
  readonly onWarning?: (sentence: string) => void;
  /** The store is away at the start, and the engine waits for it. Where this is absent the start fails instead. */
  readonly onWaiting?: (reason: string) => void;
  readonly onCommit: (seconds: number) => void;
  /** The store did not take what was to be stored: all senders get 503 and keep it. */
  readonly onFailed: (reason: string) => void;
  /** A request breaks every transaction: its sender gets 503 and keeps it. */
  readonly onPoison: (reason: string) => void;
  /** Its figures are not to be relied on from now on. */
  readonly onTrouble?: (reason: string) => void;
  /** The thread has ended without being asked to: nothing can be acknowledged any more. */
  readonly onBroken: (reason: string) => void;
}

/**
 * For threads that start from now on, whatever this process was started with. What one transaction holds must die young:
 * twice as much is a tenth faster with events, and takes 20 MB.
 */
const YOUNG_GENERATION = "--max-semi-space-size=4";

/** With a heap of this size at most, V8 lets less garbage gather before it looks (some 15 MB less); live are ten or twenty. */
const HEAP_MAX_MB = 512;

const errorOf = (message: string, store: "unreachable" | "unavailable" | undefined): Error => {
  if (store === undefined) return new Error(message);
  return store === "unreachable" ? new StoreUnreachable(message) : new StoreUnavailable(message);
};

const WHOLE: Submitted = { outcome: "stored", receipt: { rejected: 0 } };

/** A worker's file is no import, so that the compiler leaves its name alone: `.ts` in a checkout, `.js` in the package. */
const ENGINE = `./engine-worker${extname(import.meta.url)}`;

/**
 * Starts the engine in a thread of its own, so that TLS, scrapes and health checks never wait for a commit.
 *
 * @param signal ends a start that has not come to its end.
 * @throws Error when the store cannot be opened.
 */
export const startEngine = async (
  options: EngineOptions,
  watch: Watch,
  signal?: AbortSignal,
): Promise<EngineClient> => {
  setFlagsFromString(YOUNG_GENERATION);
  const worker = new Worker(new URL(ENGINE, import.meta.url), {
    workerData: { ...options, whenAway: watch.onWaiting ? "wait" : "fail" } satisfies WorkerOptions,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  const asked = new Map<number, { resolve: (value: never) => void; reject: (cause: Error) => void; bytes: number }>();
  // Requests count upwards and questions downwards, so that those of a batch are in a row.
  let nextRequest = 1;
  let lastQuestion = 0;
  const open = unanswered(watch.clock ?? Date.now);
  const nextId = () => --lastQuestion;
  let pendingBytes = 0;
  let trouble: string | undefined;
  let closing = false;
  let gone: Error | undefined;

  let outgoing: ReceivedRequest[] = [];
  /** All requests that arrive in one turn of the event loop travel together. */
  const dispatch = () => {
    if (outgoing.length === 0) return;
    const batch = pack(outgoing);
    const first = nextRequest - outgoing.length;
    outgoing = [];
    worker.postMessage({ kind: "submit", first, batch } satisfies Command, [batch.bytes.buffer]);
  };

  const settle = (id: number) => {
    const it = asked.get(id);
    asked.delete(id);
    pendingBytes -= it?.bytes ?? 0;
    return it;
  };
  const send = <T>(command: Exclude<Command, { kind: "submit" }>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (gone) return void reject(gone);
      asked.set(command.id, { resolve, reject, bytes: 0 });
      if (command.kind !== "sweep" && command.kind !== "close") open.asked(command.id);
      worker.postMessage(command);
    });

  const ready = Promise.withResolvers<void>();
  const broken = (reason: string) => {
    if (gone) return;
    gone = new Error(reason);
    ready.reject(gone);
    for (const id of [...asked.keys()]) settle(id)?.reject(gone);
    if (!closing) watch.onBroken(reason);
  };
  worker.on("message", (reply: Reply) => {
    if (reply.kind === "ready") {
      for (const it of reply.warnings) watch.onWarning?.(it);
      ready.resolve();
    } else if (reply.kind === "broken") ready.reject(new Error(reply.reason));
    else if (reply.kind === "waiting") watch.onWaiting?.(reply.reason);
    else if (reply.kind === "trouble") {
      trouble = reply.reason;
      if (trouble !== undefined) watch.onTrouble?.(trouble);
    } else if (reply.kind === "poison") watch.onPoison(reply.reason);
    else if (reply.kind === "submitted") {
      watch.onCommit(reply.commitSeconds);
      for (const id of reply.whole) settle(id)?.resolve(WHOLE as never);
      for (const [id, result] of reply.others) {
        if (result.outcome === "failed" && !("poison" in result)) watch.onFailed(result.reason);
        settle(id)?.resolve(result as never);
      }
    } else if (reply.failure !== undefined) {
      if (reply.store === "unreachable") open.unreachable(reply.id);
      else open.failed(reply.id);
      settle(reply.id)?.reject(errorOf(reply.failure, reply.store));
    } else {
      open.answered(reply.id);
      settle(reply.id)?.resolve(reply.value as never);
    }
  });
  worker.on("error", (cause) => broken(`The engine has failed: ${(cause as Error).message}`));
  worker.on("exit", () => broken("The engine has ended."));

  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => resolve());
  });
  const abort = () => ready.reject(new Error("The start was ended."));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await ready.promise;
  } catch (cause) {
    closing = true;
    await worker.terminate();
    throw cause;
  }
  return {
    submit: (request) =>
      new Promise((resolve, reject) => {
        if (gone) return void reject(gone);
        if (outgoing.length === 0) setImmediate(dispatch);
        outgoing.push(request);
        asked.set(nextRequest++, { resolve: resolve as never, reject, bytes: request.body.length });
        pendingBytes += request.body.length;
      }),
    metrics: (format) => send<Uint8Array>({ kind: "metrics", id: nextId(), format }),
    ask: (query) => send({ kind: "ask", id: nextId(), query: query as Query }),
    sweep: () => send<void>({ kind: "sweep", id: nextId() }),
    check: () => send<void>({ kind: "check", id: nextId() }),
    get trouble() {
      return trouble;
    },
    get unreachableSince() {
      return open.since;
    },
    get pendingBytes() {
      return pendingBytes;
    },
    close: async () => {
      closing = true;
      dispatch();
      if (!gone) await send<void>({ kind: "close", id: nextId() });
      await ended;
    },
  };
};
