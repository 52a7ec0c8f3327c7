import type { HeartbeatFact } from "../../licensing/facts.ts";
import { NO_COVERAGE, newestSpan, withHeartbeat } from "../../licensing/kms/coverage.ts";
import { parseWindowsTime } from "../../licensing/time.ts";
import { recordAgentHeartbeat } from "../state/agent-heartbeat.ts";
import { recordKmsHeartbeat } from "../state/kms/host.ts";
import { sumKey } from "../store/sums.ts";
import type { RecordOf } from "./accepted-record.ts";
import type { ComputerEntry } from "./changes/computers.ts";
import { kmsHostOf } from "./kms/kms-host-of.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

const KMS_LOG = "Key Management Service";

/** How far an agent has read, and what it could not read or send. */
export const handleHeartbeat = (work: UnitOfWork, computer: ComputerEntry, record: RecordOf<"heartbeat">): void => {
  const { fact, origin, at } = record;
  const { receivedAt } = origin;
  // Of what is imported it is unknown when it left that clock.
  const sentAt = fact.sentAt === undefined || origin.imported ? undefined : parseWindowsTime(fact.sentAt)?.ms;
  const grown = recordAgentHeartbeat(computer.state, fact, { at, receivedAt, sentAt, imported: origin.imported });
  work.count("heartbeat", grown ? "accepted" : "duplicate", origin);
  if (grown) {
    const zone = work.zoneOf(origin.host, computer.state);
    for (const [kind, by] of grown.dropped) if (by > 0) work.addToSum(sumKey("dropped", zone, kind), by);
    if (grown.gaps > 0) work.addToSum(sumKey("gaps", zone), grown.gaps);
  }
  const application = instantOf(fact.channels.Application?.readUntil);
  if (application !== undefined)
    computer.state.logUntil = Math.max(computer.state.logUntil ?? 0, Math.min(application, receivedAt));
  recordKmsLog(work, computer, record);
};

const recordKmsLog = (work: UnitOfWork, computer: ComputerEntry, { fact, origin, at }: RecordOf<"heartbeat">): void => {
  const channel = channelOf(fact);
  const readUntil = instantOf(channel?.readUntil);
  if (!channel || readUntil === undefined) return;
  const oldest = instantOf(channel.oldest);
  const word = {
    readUntil: Math.min(readUntil, origin.receivedAt),
    gaps: channel.gaps ?? 0,
    ...(oldest !== undefined && { oldest }),
  };
  const host = work.knownHost(origin.host) && kmsHostOf(work, { origin, at });
  if (host) recordKmsHeartbeat(host, word);
  // Every Windows has this log; which of them are KMS hosts may be known later.
  else computer.state.kmsLog = newestSpan(withHeartbeat({ ...NO_COVERAGE, ...computer.state.kmsLog }, word));
};

const channelOf = (fact: HeartbeatFact) => fact.channels[KMS_LOG];

const instantOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseWindowsTime(text)?.ms;
