import { type ChildProcess, fork } from "node:child_process";
import type { LoadJob, LoadResult } from "./load-client.ts";
import { cpuSeconds } from "./process-figures.ts";

const CLIENT = new URL("./load-client.ts", import.meta.url);

/** A load client that is ready to send. */
export interface Load {
  go(): Promise<LoadResult>;
  /** To be called after `go`: ends a steady load. */
  stop(): void;
}

/** Starts a client in a process of its own; `signal` ends it. */
export const prepareLoad = async (job: LoadJob, signal: AbortSignal): Promise<Load> => {
  const child = fork(CLIENT, { execArgv: ["--max-old-space-size=2048"], signal, killSignal: "SIGKILL" });
  child.send(job);
  await message(child, "ready");
  return {
    go: async () => {
      child.send("go");
      return (await message(child, "result")) as LoadResult;
    },
    stop: () => {
      if (child.connected) child.send("stop");
    },
  };
};

const message = (child: ChildProcess, kind: "ready" | "result"): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const onMessage = (it: { failure?: string }) => {
      if (it.failure !== undefined) settle(() => reject(new Error(`A load client failed: ${it.failure}`)));
      else if (kind in it) settle(() => resolve((it as Record<string, unknown>)[kind]));
    };
    const onExit = () => settle(() => reject(new Error("A load client ended early.")));
    const onError = (cause: Error) => settle(() => reject(cause));
    const settle = (done: () => void) => {
      child.off("message", onMessage).off("exit", onExit).off("error", onError);
      done();
    };
    child.on("message", onMessage).on("exit", onExit).on("error", onError);
  });

/** One load on one server process: what the client saw, and what the server's CPU time was. */
export interface Measured extends LoadResult {
  readonly cpuSeconds: number;
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

export const measureLoad = async (job: LoadJob, pid: number, signal: AbortSignal): Promise<Measured> => {
  const load = await prepareLoad(job, signal);
  const before = cpuSeconds(pid);
  const result = await load.go();
  const cpu = cpuSeconds(pid) - before;
  return { ...result, cpuSeconds: cpu, perCpuSecond: result.amount / cpu, perSecond: result.amount / result.seconds };
};
