import { setTimeout as pause } from "node:timers/promises";
import { type Connection, openConnection } from "./connection.ts";
import { type Message, messagesOf, type Workload } from "./workload.ts";

/** What the parent asks for: everything as fast as it is answered, for a time at most, or at a steady rate until told to stop. */
export interface LoadJob {
  readonly url: string;
  readonly connections: number;
  readonly workload: Workload;
  readonly gzip?: boolean;
  /** Made before the start, so that making them does not slow the sending; without it they are made as they are sent. */
  readonly prepared: boolean;
  readonly forAtMostMs?: number;
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly requests: number;
  /** Computers or events acknowledged. */
  readonly amount: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** A process of its own: loads, says `ready`, waits for `go`, sends, reports. */
const run = async (job: LoadJob): Promise<void> => {
  const { hostname, port } = new URL(job.url);
  const source = messagesOf(job.workload, job.gzip);
  const prepared = job.prepared ? [...source] : undefined;
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => openConnection(hostname, Number(port))),
  );
  const go = new Promise<void>((resolve) => process.once("message", () => resolve()));
  process.send!({ ready: true });
  await go;
  let stopped = false;
  process.once("message", () => {
    stopped = true;
  });
  const results = newEntry();
  const started = performance.now();
  const end = started + (job.forAtMostMs ?? Number.POSITIVE_INFINITY);
  const iterator: Iterator<Message> = prepared ? prepared[Symbol.iterator]() : source;
  const next = () => (stopped || performance.now() > end ? undefined : (iterator.next().value as Message | undefined));
  await Promise.all(
    connections.map((it, i) =>
      job.perSecond
        ? steady(it, next, results, (job.connections * 1_000) / job.perSecond, i)
        : flood(it, next, results),
    ),
  );
  const seconds = (performance.now() - started) / 1_000;
  for (const it of connections) it.close();
  process.send!({ result: resultOf(results, seconds) }, () => process.disconnect());
};

interface SumEntry {
  requests: number;
  amount: number;
  bytes: number;
  readonly statuses: Record<string, number>;
  readonly latencies: number[];
}
const newEntry = (): SumEntry => ({ requests: 0, amount: 0, bytes: 0, statuses: {}, latencies: [] });

const flood = async (connection: Connection, next: () => Message | undefined, results: SumEntry): Promise<void> => {
  for (let message = next(); message; message = next()) await send(connection, message, results);
};

/** One request in each interval, by the clock and not by the answers, so that a slow server is not spared. */
const steady = async (
  connection: Connection,
  next: () => Message | undefined,
  results: SumEntry,
  intervalMs: number,
  turn: number,
): Promise<void> => {
  let due = performance.now() + (intervalMs * (turn % 16)) / 16;
  for (;;) {
    const wait = due - performance.now();
    if (wait > 1) await pause(wait);
    const message = next();
    if (!message) return;
    await send(connection, message, results);
    due += intervalMs;
  }
};

const send = async (connection: Connection, message: Message, results: SumEntry): Promise<void> => {
  const started = performance.now();
  const status = await connection.send(message);
  results.latencies.push(performance.now() - started);
  results.requests += 1;
  results.bytes += message.body.length;
  if (status < 300) results.amount += message.amount;
  results.statuses[status] = (results.statuses[status] ?? 0) + 1;
};

const resultOf = ({ requests, amount, bytes, statuses, latencies }: SumEntry, seconds: number): LoadResult => {
  const sorted = Float64Array.from(latencies).sort();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { requests, amount, bytes, seconds, statuses, latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) } };
};

process.once("message", (job) => {
  run(job as LoadJob).catch((cause: Error) => {
    process.send!({ failure: cause.stack ?? cause.message }, () => process.exit(1));
  });
});
