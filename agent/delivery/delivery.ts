import type { Clock } from "../../licensing/time.ts";
import type { Computers } from "../computer.ts";
import type { AgentConfig } from "../config.ts";
import type { Progress } from "../sources/progress.ts";
import type { Spool } from "../spool/spool.ts";
import type { Delivery } from "./delivery-result.ts";
import { sendUntil } from "./sender.ts";
import { newSleep } from "./sleep.ts";
import { httpTransport } from "./transport.ts";

/** Spool → collector, for as long as the agent runs. */
export interface Delivering {
  /** New records are in the spool. */
  wake(): void;
  /** Sends the rest if that takes no longer than three seconds; otherwise it waits on disk for the next start. */
  stop(): Promise<void>;
}

export interface DeliveryParts {
  readonly spool: Spool;
  readonly computers: Computers;
  readonly progress: Progress;
  readonly random: () => number;
  readonly clock: Clock;
  readonly onDelivery: (delivery: Delivery, records: number) => void;
}

const LAST_DELIVERY_MS = 3_000;

/** Without a collector everything stays in the spool, for `agent export`. */
const NO_DELIVERY: Delivering = { wake: () => {}, stop: async () => {} };

/** @throws GivenFileError when a file that `collector` names cannot be read. */
export const startDelivery = (
  collector: AgentConfig["collector"],
  { spool, computers, progress, random, clock, onDelivery }: DeliveryParts,
): Delivering => {
  if (collector.url === "") return NO_DELIVERY;
  const transport = httpTransport(collector);
  const ended = new AbortController();
  const sleep = newSleep();
  let stopping = false;
  /** Once the agent stops, an idle sender or one that has to wait is done. */
  const unlessStopping = async (pause: () => Promise<void>): Promise<void> => (stopping ? ended.abort() : pause());
  const sending = sendUntil(ended.signal, {
    spool,
    transport,
    random,
    clock,
    computerOf: computers.resourceOf,
    sleep: {
      untilNew: (ms) => unlessStopping(() => sleep.untilNew(ms)),
      for: (ms) => unlessStopping(() => sleep.for(ms)),
    },
    onFailure: (cause) => progress.failed("spool", cause),
    onDelivery,
  });
  return {
    wake: sleep.wake,
    stop: async () => {
      stopping = true;
      const tooLong = setTimeout(() => ended.abort(), LAST_DELIVERY_MS);
      sleep.end();
      await sending;
      clearTimeout(tooLong);
      transport.close();
    },
  };
};
