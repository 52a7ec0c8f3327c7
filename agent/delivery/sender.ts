import { type Computer, recordOf, resourceAttributes, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { OWN_CHANNEL } from "../../licensing/telemetry/own-channel.ts";
import { type Clock, type Instant, iso } from "../../licensing/time.ts";
import type { LogGroup, LogRecord } from "../../otlp/logs.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import type { Spooled } from "../spool/frames.ts";
import type { Batch, Spool } from "../spool/spool.ts";
import { backOff, holdHeartbeats } from "./backoff.ts";
import type { Delivery } from "./delivery-result.ts";
import { type ForbiddenComputers, newForbiddenComputers } from "./forbidden.ts";
import type { Sleep } from "./sleep.ts";
import type { Transport } from "./transport.ts";

export interface SenderParts {
  readonly spool: Spool;
  readonly transport: Transport;
  readonly computerOf: (host: string) => Computer;
  readonly random: () => number;
  readonly clock: Clock;
  readonly sleep: Pick<Sleep, "untilNew" | "for">;
  readonly onDelivery: (delivery: Delivery, records: number) => void;
  /** The spool could not be read or written: on a full disk sending goes on, as far as it can. */
  readonly onFailure: (cause: Error) => void;
}

const RECORDS_MAX = 500;
const BYTES_MAX = 1024 * 1024;

export interface Sender {
  /** One step: sends a batch if there is one. @returns how long to wait, 0 for at once, undefined when there is nothing. */
  step(signal: AbortSignal): Promise<number | undefined>;
}

/** Spool → collector, one request in flight, so that records arrive in the order in which they were read. */
export const newSender = ({
  spool,
  transport,
  computerOf,
  random,
  clock,
  onDelivery,
}: Omit<SenderParts, "sleep" | "onFailure">): Sender => {
  let failures = 0;
  let most = RECORDS_MAX;
  const forbidden = newForbiddenComputers(random);
  return {
    step: async (signal) => {
      const without = forbidden.waiting(clock());
      const limits = { records: most, bytes: BYTES_MAX, without };
      const batch = spool.read(forbidden.any ? { ...limits, oneComputer: true } : limits);
      if (!batch || holdHeartbeats(batch.records, clock())) return undefined;
      const records = batch.records.map((it) => stamped(it, clock()));
      const delivery = await transport.send(encodeLogs(groupsOf(records, computerOf)), signal);
      onDelivery(delivery, batch.records.length);
      if (delivery.outcome === "later") {
        if (delivery.forbidden && setAside(batch, forbidden, clock())) return 0;
        failures += 1;
        if (delivery.sendLess) most = Math.ceil(batch.records.length / 2);
        return backOff(failures, random(), delivery.waitMs);
      }
      failures = 0;
      // One record may be what it stumbles over: the others of its batch must not go with it.
      if (delivery.outcome !== "accepted" && batch.records.length > 1) {
        most = Math.ceil(batch.records.length / 2);
        return 0;
      }
      if (delivery.outcome === "accepted") {
        batch.leave();
        if (forbidden.any) forbidden.taken(batch.records[0]!.host);
        most = Math.min(RECORDS_MAX, most * 2);
      }
      // A single record that is refused for good, or too large: keeping it would block all others.
      else batch.drop();
      return 0;
    },
  };
};

/** @returns whether something else can be tried: each computer alone, or the others. */
const setAside = ({ records }: Batch, forbidden: ForbiddenComputers, now: Instant): boolean => {
  const hosts = new Set(records.map((it) => it.host));
  if (hosts.size > 1) forbidden.separate();
  else if (forbidden.any) forbidden.refused(records[0]!.host, now);
  else return false;
  return true;
};

/** Sends until the signal; the loop is the retry. */
export const sendUntil = async (signal: AbortSignal, parts: SenderParts): Promise<void> => {
  const { step } = newSender(parts);
  while (!signal.aborted) {
    const pause = await step(signal).catch((cause: Error) => {
      parts.onFailure(cause);
      return AFTER_FAILURE_MS;
    });
    if (pause === undefined) await parts.sleep.untilNew(IDLE_MS);
    else if (pause > 0) await parts.sleep.for(pause);
  }
};

const IDLE_MS = 60_000;
const AFTER_FAILURE_MS = 1_000;

/** A heartbeat says when it was sent: what waited on disk must not look like a wrong clock. */
const stamped = (it: Spooled, now: Instant): Spooled =>
  it.fact.kind === "heartbeat" ? { ...it, fact: { ...it.fact, sentAt: iso(now) } } : it;

const logRecordOf = ({ fact, uid, observedAt, ownChannel }: Spooled): LogRecord => {
  const record = recordOf(fact, uid, observedAt);
  return ownChannel ? { ...record, attributes: { ...record.attributes, [OWN_CHANNEL]: true } } : record;
};

/** One resource per computer, records in their order: consecutive records about the same computer share a group. */
export const groupsOf = (records: readonly Spooled[], computerOf: (host: string) => Computer): LogGroup[] => {
  const groups: { host: string; records: Spooled[] }[] = [];
  for (const it of records) {
    const last = groups.at(-1);
    if (last?.host === it.host) last.records.push(it);
    else groups.push({ host: it.host, records: [it] });
  }
  return groups.map(({ host, records: of }) => {
    const computer = computerOf(host);
    return {
      resource: { attributes: resourceAttributes(computer) },
      scope: { name: SCOPE, version: computer.agentVersion },
      records: of.map(logRecordOf),
    };
  });
};
