import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { decodeLogsJson } from "../../otlp/json.ts";
import { type LogsRequest, OtlpError } from "../../otlp/logs.ts";
import { decodeLogs } from "../../otlp/protobuf.ts";
import { openStore } from "../store/open-store.ts";
import { StoreConflict, StoreDamaged, StoreUnavailable, StoreUnreachable } from "../store/store.ts";
import { type Engine, openEngine } from "./engine.ts";
import { isolateFailures } from "./isolate-failures.ts";
import { joined, partsOf } from "./large-requests.ts";
import type { Command, Reply, Submitted, WorkerOptions } from "./messages.ts";
import { type ReceivedRequest, unpack } from "./request-batch.ts";

/**
 * The thread that owns the store. Requests that arrive while a transaction runs share the next one (group commit): one
 * fsync for all of them, no timer. Questions are answered between transactions.
 */
const port = parentPort!;
const { config, version, whenAway } = workerData as WorkerOptions;
const reply = (it: Reply): void => port.postMessage(it);
/** A large recount goes on behind the start. */
const START_MS = 500;
/** A database that is away at the start is tried again so often. */
const RETRY_MS = 1_000;

type Waiting = ReceivedRequest & { readonly id: number };
const waiting: Waiting[] = [];
/** So much at once keeps one commit short, and what is asked in between soon answered. */
const BATCH_REQUESTS = 256;
const BATCH_BYTES = 384 * 1024;
/** Parts of large requests are taken for so long until others have their turn. */
const PARTS_MS = 100;
/** A larger request is taken in parts. */
const LARGE_BYTES = BATCH_BYTES;
interface Large {
  request: Waiting;
  /** What is left of it; undefined while it has not been read. */
  parts: LogsRequest[] | undefined;
  readonly taken: Submitted[];
  seconds: number;
}
const large: Large[] = [];
let working = false;
type Asked = Exclude<Command, { kind: "submit" }>;

const engine = await opened();
let trouble: string | undefined;
if (engine) {
  engine.check(() => tellTrouble(engine));
  working = true;
  setImmediate(work, engine);
}

async function opened(): Promise<Engine | undefined> {
  for (;;)
    try {
      return await open();
    } catch (cause) {
      const reason = (cause as Error).message;
      const isAway = cause instanceof StoreUnreachable || cause instanceof StoreConflict;
      if (!isAway || whenAway === "fail") {
        reply({ kind: "broken", reason });
        return undefined;
      }
      reply({ kind: "waiting", reason });
      // Collectors that lost the same server do not come back to it in step.
      await pause(RETRY_MS * (1 + Math.random()));
    }
}

async function open(): Promise<Engine> {
  const store = await openStore(config.store);
  try {
    const it = await openEngine(store, config, {
      clock: Date.now,
      version,
      monotonic: () => performance.now(),
      startsWithin: START_MS,
    });
    reply({ kind: "ready", warnings: store.warnings ?? [] });
    return it;
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

port.on("message", (command: Command) => {
  if (!engine) return;
  if (command.kind !== "submit") return void answer(engine, command);
  unpack(command.batch).forEach((it, i) => {
    waiting.push({ ...it, id: command.first + i });
  });
  if (working) return;
  working = true;
  // What else has arrived in this turn joins.
  setImmediate(work, engine);
});

async function work(it: Engine): Promise<void> {
  const batch = next();
  if (batch.length > 0) await commit(it, batch);
  for (const until = performance.now() + PARTS_MS; large.length > 0 && performance.now() < until; )
    await commitPart(it);
  // What one transaction could not finish goes on between the requests.
  const more = await it.continueWork().catch(() => false);
  tellTrouble(it);
  if (waiting.length > 0 || large.length > 0 || more) setImmediate(work, it);
  else working = false;
}

/** The next requests that share a transaction. Large ones step aside: theirs are taken in turn with everybody's. */
function next(): Waiting[] {
  const batch: Waiting[] = [];
  let bytes = 0;
  for (let it = waiting[0]; it && batch.length < BATCH_REQUESTS; it = waiting[0]) {
    bytes += it.body.length;
    if (bytes > BATCH_BYTES && batch.length > 0) break;
    waiting.shift();
    if (it.body.length > LARGE_BYTES) {
      large.push({ request: it, parts: undefined, taken: [], seconds: 0 });
      bytes -= it.body.length;
    } else batch.push(it);
  }
  return batch;
}

function tellTrouble(it: Engine): void {
  const reason = it.trouble();
  if (reason === trouble) return;
  trouble = reason;
  reply({ kind: "trouble", reason });
}

async function commit(engine: Engine, batch: readonly Waiting[]): Promise<void> {
  const whole: number[] = [];
  const others: [number, Submitted][] = [];
  const started = performance.now();
  const taken = await take(
    engine,
    batch.map((posted) => ({ ...posted, read: () => decode(posted) })),
  );
  taken.forEach((it, i) => {
    const { id } = batch[i]!;
    if (isWhole(it)) whole.push(id);
    else others.push([id, it]);
  });
  reply({ kind: "submitted", whole, others, commitSeconds: (performance.now() - started) / 1_000 });
}

const take = (engine: Engine, submissions: Parameters<Engine["ingest"]>[0]) =>
  isolateFailures(engine, submissions, (reason) => reply({ kind: "poison", reason }));

/** One transaction's part of the large request that has waited longest. It is answered once all of it is on disk. */
async function commitPart(engine: Engine): Promise<void> {
  const it = large.shift()!;
  const { request, taken } = it;
  const started = performance.now();
  if (!it.parts) {
    const read = decoded(request);
    if (read.malformed) taken.push(read.malformed);
    it.parts = read.parts;
    it.request = { ...request, body: NO_BODY };
  } else {
    const [part] = it.parts.splice(0, 1);
    taken.push(...(await take(engine, [{ ...request, read: () => part! }])));
  }
  it.seconds += (performance.now() - started) / 1_000;
  const isOver = it.parts.length === 0 || taken.at(-1)?.outcome !== (taken.length > 0 ? "stored" : undefined);
  if (!isOver) return void large.push(it);
  const answer = joined(taken);
  const { id } = request;
  const commitSeconds = it.seconds;
  if (isWhole(answer)) reply({ kind: "submitted", whole: [id], others: [], commitSeconds });
  else reply({ kind: "submitted", whole: [], others: [[id, answer]], commitSeconds });
}

const NO_BODY = new Uint8Array();

function decoded(request: Waiting): { parts: LogsRequest[]; malformed?: Submitted } {
  try {
    return { parts: partsOf(decode(request)) };
  } catch (cause) {
    const reason = cause instanceof OtlpError ? cause.message : "It could not be read.";
    return { parts: [], malformed: { outcome: "malformed", reason } };
  }
}

function isWhole(it: Submitted): boolean {
  if (it.outcome !== "stored") return false;
  const { rejected, message, outcomes } = it.receipt;
  return rejected === 0 && message === undefined && !outcomes;
}

function decode({ encoding, body }: Pick<ReceivedRequest, "encoding" | "body">): LogsRequest {
  return encoding === "protobuf" ? decodeLogs(body) : decodeLogsJson(new TextDecoder().decode(body));
}

async function answer(it: Engine, command: Asked): Promise<void> {
  try {
    const value = await answerTo(it, command);
    tellTrouble(it);
    const answered: Reply = { kind: "answer", id: command.id, value };
    port.postMessage(answered, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
    if (command.kind === "close") port.close();
  } catch (cause) {
    tellTrouble(it);
    const store = storeFailureIn(cause);
    reply({
      kind: "answer",
      id: command.id,
      value: undefined,
      failure: (cause as Error).message,
      ...(store && { store }),
    });
  }
}

function storeFailureIn(cause: unknown): "unreachable" | "unavailable" | undefined {
  if (cause instanceof StoreUnreachable) return "unreachable";
  // That of a damaged store is for the log.
  if (cause instanceof StoreDamaged) return undefined;
  return cause instanceof StoreUnavailable || cause instanceof StoreConflict ? "unavailable" : undefined;
}

async function answerTo(it: Engine, command: Asked) {
  if (command.kind === "metrics") return new TextEncoder().encode(await it.metrics(command.format));
  if (command.kind === "ask") return it.answer(command.query);
  if (command.kind === "sweep") await it.sweep();
  else if (command.kind === "check") await it.tryRead();
  else {
    // What has arrived is kept, though its sender may be gone: it will send again, and nothing counts twice.
    while (waiting.length > 0 || large.length > 0) {
      const batch = next();
      if (batch.length > 0) await commit(it, batch);
      if (large.length > 0) await commitPart(it);
    }
    await it.close();
  }
  return undefined;
}
