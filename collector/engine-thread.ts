import { parentPort, workerData } from "node:worker_threads";
import { type LogsRequest, OtlpError } from "../licensing/otlp.ts";
import { decodeLogsJson } from "../licensing/otlp-json.ts";
import { decodeLogs } from "../licensing/otlp-protobuf.ts";
import { type Engine, openEngine } from "./engine.ts";
import type { Command, EngineOptions, Reply, Submitted } from "./engine-messages.ts";
import { openSqlite } from "./sqlite/store.ts";

/**
 * The thread that owns the store. Requests that arrive while a transaction runs share the next one (group commit): one
 * fsync for all of them, no timer. Questions are answered between transactions.
 */
const port = parentPort!;
const { config, version } = workerData as EngineOptions;
const reply = (it: Reply): void => port.postMessage(it);

type Submit = Extract<Command, { kind: "submit" }>;
const waiting: Submit[] = [];
/** So much at once keeps one commit short, and what is asked in between soon answered. */
const BATCH_REQUESTS = 256;
const BATCH_BYTES = 4 * 1024 * 1024;
let working = false;

const engine = await open();

async function open(): Promise<Engine | undefined> {
  try {
    const store = openSqlite(config.store.url.replace(/^sqlite:/, ""));
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
  waiting.push(command);
  if (working) return;
  working = true;
  // What else has arrived in this turn joins.
  setImmediate(work, engine);
});

async function work(it: Engine): Promise<void> {
  const batch = next();
  await commit(it, batch);
  if (waiting.length > 0) setImmediate(work, it);
  else working = false;
}

function next(): Submit[] {
  let bytes = 0;
  const end = waiting.findIndex((it, i) => {
    bytes += it.body.length;
    return i > 0 && (i >= BATCH_REQUESTS || bytes > BATCH_BYTES);
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

async function commit(it: Engine, batch: readonly Submit[]): Promise<void> {
  const results: [number, Submitted][] = [];
  const readable: { command: Submit; groups: LogsRequest }[] = [];
  for (const command of batch) {
    try {
      readable.push({ command, groups: decode(command) });
    } catch (cause) {
      if (!(cause instanceof OtlpError)) throw cause;
      results.push([command.id, { outcome: "malformed", reason: cause.message }]);
    }
  }
  const started = performance.now();
  try {
    const receipts = await it.take(
      readable.map(({ command, groups }) => ({
        groups,
        receivedAt: command.receivedAt,
        imported: command.imported,
      })),
    );
    receipts.forEach((receipt, i) => {
      results.push([readable[i]!.command.id, { outcome: "stored", receipt }]);
    });
  } catch (cause) {
    const reason = (cause as Error).message;
    for (const { command } of readable) results.push([command.id, { outcome: "failed", reason }]);
  }
  reply({ kind: "submitted", results, commitSeconds: (performance.now() - started) / 1_000 });
}

function decode({ encoding, body }: Submit): LogsRequest {
  return encoding === "protobuf" ? decodeLogs(body) : decodeLogsJson(new TextDecoder().decode(body));
}

async function answer(it: Engine, command: Exclude<Command, Submit>): Promise<void> {
  try {
    const value = await answerTo(it, command);
    reply({ kind: "answer", id: command.id, value });
    if (command.kind === "close") port.close();
  } catch (cause) {
    reply({ kind: "answer", id: command.id, value: undefined, failure: (cause as Error).message });
  }
}

async function answerTo(it: Engine, command: Exclude<Command, Submit>) {
  if (command.kind === "metrics") return it.metrics(command.format);
  if (command.kind === "ask") return it.answer(command.question);
  if (command.kind === "sweep") await it.sweep();
  else await it.close();
  return undefined;
}
