import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAwake } from "../awake-deadline.ts";
import { openKernel32 } from "../kernel32.ts";
import { WindowsError } from "../windows-error.ts";
import type { Position } from "./event-position.ts";
import type { Batch, LogQuery } from "./event-reader.ts";

/** What the thread for event logs is given. */
export interface EventsSetup {
  /** Another computer; this one if absent. */
  readonly server?: string;
  readonly logs: readonly LogQuery[];
  /** So long EvtNext looks for the next event before it says that time ran out. */
  readonly nextTimeoutMs: number;
}
export type EventsRequest =
  | { readonly id: number; readonly channel: string; readonly position: Position }
  | { readonly end: true };
export type EventsReply =
  | { readonly command: bigint }
  | { readonly ready: string }
  | { readonly id: number; readonly batch: Batch }
  | {
      readonly id: number;
      readonly failure: { readonly call: string; readonly code: number; readonly message: string };
    };

export interface EventThread {
  /** @throws WindowsError */
  read(channel: string, position: Position): Promise<Batch>;
  close(): Promise<void>;
}

export interface EventThreadOptions extends Omit<EventsSetup, "nextTimeoutMs"> {
  readonly deadlineMs: number;
  /** A log has something new. */
  readonly onReady: (channel: string) => void;
  /** The thread does not come back from Windows, or died. */
  readonly onLost: (cause: Error) => void;
}

const CLOSE_MS = 2_000;
/** EvtNext comes back several times within a deadline: a read that takes its time is none that hangs. */
const NEXT_TIMEOUT_MS = 10_000;
const CALLS_WITHIN_DEADLINE = 3;

/** Starts the thread that waits for event logs. A call of Windows cannot be broken off from outside, so a late one is told. */
export const openEventThread = ({ server, logs, deadlineMs, onReady, onLost }: EventThreadOptions): EventThread => {
  const kernel32 = openKernel32();
  const nextTimeoutMs = Math.min(NEXT_TIMEOUT_MS, Math.ceil(deadlineMs / CALLS_WITHIN_DEADLINE));
  const workerData: EventsSetup = { logs, nextTimeoutMs, ...(server !== undefined && { server }) };
  const worker = new Worker(new URL(`./events-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
  const waiting = new Map<number, { resolve(batch: Batch): void; reject(cause: Error): void; cancel(): void }>();
  let lost: Error | undefined;
  let ids = 0;
  const command = Promise.withResolvers<bigint>();
  command.promise.catch(() => {});

  const lose = (cause: Error): void => {
    if (lost) return;
    lost = cause;
    command.reject(cause);
    for (const it of waiting.values()) {
      it.cancel();
      it.reject(cause);
    }
    waiting.clear();
    onLost(cause);
  };
  const done = (id: number) => {
    const it = waiting.get(id);
    waiting.delete(id);
    it?.cancel();
    return it;
  };
  worker.on("message", (reply: EventsReply) => {
    if ("command" in reply) command.resolve(reply.command);
    else if ("ready" in reply) onReady(reply.ready);
    else if ("batch" in reply) done(reply.id)?.resolve(reply.batch);
    else done(reply.id)?.reject(new WindowsError(reply.failure.call, reply.failure.code));
  });
  worker.on("error", (cause) => lose(cause as Error));
  worker.unref();
  const ended = new Promise<void>((resolve) => worker.on("exit", () => resolve()));

  const post = async (request: EventsRequest): Promise<void> => {
    const handle = await command.promise;
    worker.postMessage(request);
    kernel32.SetEvent(handle);
  };
  return {
    read: (channel, position) =>
      new Promise((resolve, reject) => {
        if (lost) return reject(lost);
        ids += 1;
        const late = new Error(
          `Reading the event log ${channel} did not come back within ${deadlineMs / 1_000} seconds.`,
        );
        const cancel = afterAwake(deadlineMs, () => lose(late));
        waiting.set(ids, { resolve, reject, cancel });
        post({ id: ids, channel, position }).catch(reject);
      }),
    close: async () => {
      if (lost) return;
      await post({ end: true });
      const gone = ended.then(async () => kernel32.CloseHandle(await command.promise));
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
    },
  };
};
