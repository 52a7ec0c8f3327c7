import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { spoolSnapshot } from "../../agent/spool/snapshot.ts";
import { MAIN } from "../support/cli.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { until } from "../support/until.ts";
import { faultsOf, type Piece } from "./piece.ts";
import { countedRequests, lineOf, storedNumbers } from "./stored-requests.ts";

const EVENTS_OF_ROUND = 2_000;
const STARTED_WITHIN_MS = 20_000;
/** Delivery that goes on is only slow; so long without any progress, what is missing is lost. */
const STALLED_MS = 90_000;

/** An agent that follows a log dies by SIGKILL while it reads, spools and sends: nothing is lost, and nothing counts twice. */
export const agentKilled: Piece = async ({ folder, plan, signal, progress }) => {
  const log = join(folder, "kms.ndjson");
  writeFileSync(log, "");
  const collector = await runningCollector("", join(folder, "collector"));
  let child: ChildProcess | undefined;
  try {
    let written = 0;
    let killed = 0;
    let startsThatRead = 0;
    for (; killed < plan.kills && !signal.aborted; killed += 1) {
      progress(`kill ${killed + 1} of ${plan.kills}, ${written} events written`);
      const lines = Array.from({ length: EVENTS_OF_ROUND }, () => lineOf(written++));
      const before = await countedRequests(collector);
      child = runAgent(folder, log, collector);
      // Half of it before the agent reads, half while it does. Every other kill comes soon after the first events have arrived,
      // while more are read, spooled and sent; the others come at any instant.
      appendFileSync(log, lines.slice(0, EVENTS_OF_ROUND / 2).join(""));
      if (killed % 2 === 0)
        await until(async () => (await countedRequests(collector)) > before, STARTED_WITHIN_MS).catch(() => undefined);
      appendFileSync(log, lines.slice(EVENTS_OF_ROUND / 2).join(""));
      await pause(Math.random() * (killed % 2 === 0 ? 150 : 2_000));
      await ended(child, "SIGKILL");
      if ((await countedRequests(collector)) > before) startsThatRead += 1;
    }
    child = runAgent(folder, log, collector);
    const begin = Date.now();
    let delivered = 0;
    // Asked seldom: each answer takes time from what is awaited.
    for (let progressAt = begin; delivered < written && Date.now() < progressAt + STALLED_MS; await pause(500)) {
      const now = await countedRequests(collector);
      if (now > delivered) progressAt = Date.now();
      delivered = Math.max(delivered, now);
      progress(`${delivered} of ${written} events delivered`);
    }
    const catchingUp = Date.now() - begin;
    const code = await ended(child, "SIGTERM");
    const waiting = [...spoolSnapshot(join(folder, "spool"))].reduce((sum, it) => sum + it.length, 0);
    const stored = await storedNumbers(collector);
    const counted = await countedRequests(collector);
    const known = new Set(stored);
    const missing = Array.from({ length: written }, (_, i) => i).filter((it) => !known.has(it));
    return {
      figures: {
        kills: killed,
        "kills after which something had arrived": startsThatRead,
        "events written": written,
        "events stored": stored.length,
        "events counted": counted,
        "events missing": missing.length === 0 ? 0 : `${missing.length}, from ${missing[0]} to ${missing.at(-1)}`,
        "records left in the spool": waiting,
        "ms until all was delivered": catchingUp,
      },
      faults: faultsOf({
        "every event that was written is stored": missing.length === 0,
        "no event is stored twice": stored.length === known.size,
        "every event counts once": counted === written,
        "the agent ends in order": code === 0,
      }),
    };
  } finally {
    if (child && child.exitCode === null && child.signalCode === null) await ended(child, "SIGKILL");
    await collector.stop();
  }
};

const runAgent = (folder: string, log: string, { otlpUrl }: Running): ChildProcess => {
  const config = join(folder, "agent.yaml");
  writeFileSync(
    config,
    `collector: { url: "${otlpUrl}" }
host: agent.contoso.com
spool: { directory: ${folder}/spool }
recorded: { files: [${log}], interval: 50ms, live: true }
heartbeat: { kms_host_interval: 100ms }
`,
  );
  return spawn(process.execPath, [MAIN, "agent", "run", "--config", config], { stdio: "ignore" });
};

const ended = async (child: ChildProcess, by: NodeJS.Signals): Promise<number | null> => {
  const exit = once(child, "exit");
  child.kill(by);
  return (await exit)[0] as number | null;
};
