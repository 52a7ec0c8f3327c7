import { setTimeout as pause } from "node:timers/promises";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { fromAgent, KMS01 } from "../support/facts.ts";
import { postTo } from "../support/http.ts";
import { faultsOf, type Piece } from "./piece.ts";
import { countedRequests, numbered, storedNumbers } from "./stored-requests.ts";

const SENDERS = 8;
const EVENTS_OF_BODY = 5;
/** A round ends at an instant that nothing in the collector decides. */
const ROUND_MS = [200, 1_200] as const;

/** The collector dies by SIGKILL under load: nothing that it acknowledged is lost, and nothing counts twice. */
export const collectorKilled: Piece = async ({ folder, plan, signal, progress }) => {
  const acknowledged = new Set<number>();
  const unacknowledged: number[] = [];
  let next = 0;
  let sent = 0;

  /** As an agent does: what was not acknowledged is sent again, the oldest first. */
  const sendUntil = async (collector: Running, isOver: () => boolean): Promise<void> => {
    while (!isOver() && !signal.aborted) {
      const first = unacknowledged.shift() ?? next++;
      const numbers = Array.from({ length: EVENTS_OF_BODY }, (_, i) => first * EVENTS_OF_BODY + i);
      const body = encodeLogs([fromAgent(KMS01, numbers.map(numbered), Date.now())]);
      sent += 1;
      const response = await postTo(collector.otlpUrl, body).catch(() => undefined);
      if (response?.status === 200) for (const it of numbers) acknowledged.add(it);
      else unacknowledged.push(first);
    }
  };

  for (let round = 0; round < plan.kills && !signal.aborted; round += 1) {
    progress(`kill ${round + 1} of ${plan.kills}, ${acknowledged.size} events acknowledged`);
    const collector = await runningCollector("", folder);
    let isOver = false;
    const senders = Array.from({ length: SENDERS }, () => sendUntil(collector, () => isOver));
    await pause(ROUND_MS[0] + Math.random() * (ROUND_MS[1] - ROUND_MS[0]));
    await collector.kill();
    isOver = true;
    await Promise.all(senders);
  }
  const collector = await runningCollector("", folder);
  try {
    const stored = await storedNumbers(collector);
    const known = new Set(stored);
    const counted = await countedRequests(collector);
    const lost = [...acknowledged].filter((it) => !known.has(it)).length;
    return {
      figures: {
        "requests sent": sent,
        "events acknowledged": acknowledged.size,
        "events stored": stored.length,
        "events lost": lost,
        "events counted": counted,
      },
      faults: faultsOf({
        "events were acknowledged": acknowledged.size > 0,
        "every acknowledged event is stored": lost === 0,
        "no event is stored twice": known.size === stored.length,
        "every stored event counts once": counted === stored.length,
      }),
    };
  } finally {
    await collector.stop();
  }
};
