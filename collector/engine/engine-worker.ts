import { parentPort, workerData } from "node:worker_threads";
import { decodeLogsJson } from "../../otlp/json.ts";
import type { LogsRequest } from "../../otlp/logs.ts";
import { decodeLogs } from "../../otlp/protobuf.ts";
import { openStore } from "../store/open-store.ts";
import { type Engine, openEngine } from "./engine.ts";
import { isolateFailures } from "./isolate-failures.ts";
import type { Command, EngineOptions, Reply, Submitted } from "./messages.ts";
import { type ReceivedRequest, unpack } from "./request-batch.ts";

/**
 * The thread that owns the store. Requests that arrive while a transaction runs share the next one (group commit): one
 * fsync for all of them, no timer. Questions are answered between transactions.
 */
const port = parentPort!;
const { config, version } = workerData as EngineOptions;
const reply = (it: Reply): void => port.postMessage(it);

type Waiting = ReceivedRequest & { readonly id: number };
const waiting: Waiting[] = [];
/** So much at once keeps one commit short, and what is asked in between soon answered. */
const BATCH_REQUESTS = 256;
const BATCH_BYTES = 384 * 1024;
let working = false;
type Asked = Exclude<Command, { kind: "submit" }>;

const engine = await open();
if (engine) {
  working = true;
  setImmediate(work, engine);
}

async function open(): Promise<Engine | undefined> {
  try {
    const store = openStore(config.store.url);
    const opened = await openEngine(store, config, { clock: Date.now, version });
    reply({ kind: "ready" });
    return opened;
  } catch (cause) {
    reply({ kind: "broken", reason: (cause as Error).message });
    return undefined;
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
  // What one transaction could not finish goes on between the requests.
  const more = await it.continueWork().catch(() => false);
  if (waiting.length > 0 || more) setImmediate(work, it);
  else working = false;
}

function next(): Waiting[] {
  let bytes = 0;
  const end = waiting.findIndex((it, i) => {
    bytes += it.body.length;
    return i > 0 && (i >= BATCH_REQUESTS || bytes > BATCH_BYTES);
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

async function commit(engine: Engine, batch: readonly Waiting[]): Promise<void> {
  const whole: number[] = [];
  const others: [number, Submitted][] = [];
  const started = performance.now();
  const taken = await isolateFailures(
    engine,
    batch.map((posted) => ({ ...posted, read: () => decode(posted) })),
    (reason) => reply({ kind: "poison", reason }),
  );
  taken.forEach((it, i) => {
    const { id } = batch[i]!;
    if (isWhole(it)) whole.push(id);
    else others.push([id, it]);
  });
  reply({ kind: "submitted", whole, others, commitSeconds: (performance.now() - started) / 1_000 });
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
    const answered: Reply = { kind: "answer", id: command.id, value };
    port.postMessage(answered, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
    if (command.kind === "close") port.close();
  } catch (cause) {
    reply({ kind: "answer", id: command.id, value: undefined, failure: (cause as Error).message });
  }
}

async function answerTo(it: Engine, command: Asked) {
  if (command.kind === "metrics") return new TextEncoder().encode(await it.metrics(command.format));
  if (command.kind === "ask") return it.answer(command.query);
  if (command.kind === "sweep") await it.sweep();
  else {
    // What has arrived is kept, though its sender may be gone: it will send again, and nothing counts twice.
    while (waiting.length > 0) await commit(it, next());
    await it.close();
  }
  return undefined;
}
