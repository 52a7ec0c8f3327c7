import { Worker } from "node:worker_threads";
import type { Format } from "../licensing/metrics-exposition.ts";
import type { Answer, Question } from "./answers.ts";
import type { Command, Encoding, EngineOptions, Reply, Submitted } from "./engine-messages.ts";

/** The engine as the HTTP thread sees it. */
export interface EngineLink {
  submit(
    body: Uint8Array<ArrayBuffer>,
    about: { encoding: Encoding; receivedAt: number; imported: boolean },
  ): Promise<Submitted>;
  metrics(format: Format): Promise<string>;
  ask(question: Question): Promise<Answer>;
  sweep(): Promise<void>;
  /** Bytes of requests that are not committed yet. */
  readonly pendingBytes: number;
  close(): Promise<void>;
}

interface Watch {
  readonly onCommit: (seconds: number) => void;
  /** The thread has ended without being asked to: nothing can be acknowledged any more. */
  readonly onBroken: (reason: string) => void;
}

/**
 * Starts the engine in a thread of its own, so that TLS, scrapes and health checks never wait for a commit.
 *
 * @throws Error when the store cannot be opened.
 */
export const startEngine = async (options: EngineOptions, watch: Watch): Promise<EngineLink> => {
  const worker = new Worker(new URL("./engine-thread.ts", import.meta.url), { workerData: options });
  const asked = new Map<number, { resolve: (value: never) => void; reject: (cause: Error) => void; bytes: number }>();
  let nextId = 1;
  let pendingBytes = 0;
  let closing = false;

  const settle = (id: number) => {
    const it = asked.get(id);
    asked.delete(id);
    pendingBytes -= it?.bytes ?? 0;
    return it;
  };
  const send = <T>(command: Command, transfer: ArrayBuffer[] = [], bytes = 0): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      asked.set(command.id, { resolve, reject, bytes });
      pendingBytes += bytes;
      worker.postMessage(command, transfer);
    });

  const ready = Promise.withResolvers<void>();
  const broken = (reason: string) => {
    ready.reject(new Error(reason));
    for (const id of [...asked.keys()]) settle(id)?.reject(new Error(reason));
    if (!closing) watch.onBroken(reason);
  };
  worker.on("message", (reply: Reply) => {
    if (reply.kind === "ready") ready.resolve();
    else if (reply.kind === "broken") ready.reject(new Error(reply.reason));
    else if (reply.kind === "submitted") {
      watch.onCommit(reply.commitSeconds);
      for (const [id, result] of reply.results) settle(id)?.resolve(result as never);
    } else if (reply.failure !== undefined) settle(reply.id)?.reject(new Error(reply.failure));
    else settle(reply.id)?.resolve(reply.value as never);
  });
  worker.on("error", (cause) => broken(`The engine has failed: ${(cause as Error).message}`));
  worker.on("exit", () => broken("The engine has ended."));

  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => resolve());
  });
  try {
    await ready.promise;
  } catch (cause) {
    closing = true;
    await worker.terminate();
    throw cause;
  }
  return {
    submit: (body, about) =>
      send<Submitted>({ kind: "submit", id: nextId++, body, ...about }, [body.buffer], body.length),
    metrics: (format) => send<string>({ kind: "metrics", id: nextId++, format }),
    ask: (question) => send<Answer>({ kind: "ask", id: nextId++, question }),
    sweep: () => send<void>({ kind: "sweep", id: nextId++ }),
    get pendingBytes() {
      return pendingBytes;
    },
    close: async () => {
      closing = true;
      await send<void>({ kind: "close", id: nextId++ });
      await ended;
    },
  };
};
