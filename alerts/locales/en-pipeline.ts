import { labelWordsEn as L } from "../../licensing/telemetry/locales/label-words-en.ts";
import { DURATION, HOST } from "./en-terms.ts";
import { PERCENT, plural, where, word } from "./formats.ts";
import type { Words } from "./texts.ts";

const LIMIT = word("limit", L.limit);
const KIND = word("kind", L.record);
const IN_ZONE = "in zone {{ $labels.zone }}";

export const pipeline: Pick<
  Words,
  | "AgentsStale"
  | "AgentSpoolBacklog"
  | "AgentEventGap"
  | "CollectorRejectingRecords"
  | "CollectorUninterpretedRecords"
  | "CollectorClockSuspect"
  | "CollectorLimitReached"
  | "CollectorDown"
  | "Watchdog"
> = {
  AgentsStale: {
    summary: where(
      "kms_host",
      `The agent of KMS host ${HOST} has been silent for ${DURATION}`,
      `Zone {{ $labels.zone }}: about ${PERCENT} of the agents are silent`,
    ),
    description: where(
      "kms_host",
      `The agent of KMS host ${HOST} has sent neither its log nor its count for ${DURATION}.`,
      `About ${PERCENT} of the computers ${IN_ZONE} have not reported for days.`,
    ),
    meaning: "What pages and dashboards show of these computers is old.",
    affected: "No user. Problems of these computers go unnoticed.",
    check:
      "`curl -s 'http://COLLECTOR:9688/api/v1/computers?zone=ZONE'` shows when each was last seen; on one of them: `sc query activation-monitor`.",
    action: "Restore the connection from that zone to the collector, and start the agent's service.",
  },
  AgentSpoolBacklog: {
    summary: `Zone {{ $labels.zone }}: an agent has not delivered records for ${DURATION}`,
    description: `An agent ${IN_ZONE} stores records that it could not deliver for ${DURATION}.`,
    meaning: "The records wait on the agent's disk. No record is lost until the spool is full.",
    affected: "No user. What is shown of these computers is old.",
    check: "The agent's log holds the reason. From the computer: `Test-NetConnection COLLECTOR -Port 4318`.",
    action: "Fix the reason: name resolution, certificate, token or firewall.",
  },
  AgentEventGap: {
    summary: where(
      "kms_host",
      `KMS host ${HOST}: events were overwritten before they were read`,
      `Zone {{ $labels.zone }}: event logs were overwritten or cleared before they were read`,
    ),
    description: where(
      "kms_host",
      `The log of ${HOST} was complete and now has a gap: its event log was overwritten or cleared before the agent read it.`,
      `Agents ${IN_ZONE} found gaps in their event logs: ${plural("gap", "gaps")} within an hour.`,
    ),
    meaning: "The count of a KMS host cannot be computed from its log until the log is complete for 30 days again.",
    affected: "No user. Count alerts of the host rely on the count that it reports.",
    check:
      '`wevtutil gl "Key Management Service"` shows the size of the log; event 104 in the System log shows who cleared it.',
    action: 'Enlarge the log: `wevtutil sl "Key Management Service" /ms:67108864`.',
  },
  CollectorRejectingRecords: {
    summary: where(
      "code",
      "The collector refuses requests of a sender (HTTP status {{ $labels.code }})",
      `The collector rejects ${KIND} records`,
    ),
    description: where(
      "code",
      `Within an hour, the collector refused ${plural("request", "requests")} with HTTP status {{ $labels.code }}. A sender delivers nothing.`,
      `Within an hour, the collector rejected ${plural("record", "records")} (${KIND}) that are malformed or about another computer.`,
    ),
    meaning:
      "401: wrong token. 403: the certificate or token belongs to another computer. 413: larger than `otlp.max_body_size`. 415: another encoding. Rejected records: the sender is not listed in `otlp.forwarders`, or imitates another computer.",
    affected: "The sender: its records do not arrive.",
    check: "The page `/pipeline` and the collector's log name the sender and the reason.",
    action: "Correct the sender's token, certificate or encoding, or list it in `otlp.forwarders`.",
  },
  CollectorUninterpretedRecords: {
    summary: `The collector received ${KIND} records that it cannot interpret`,
    description: `Within an hour, ${plural("record", "records")} (${KIND}) arrived that the collector stores but cannot interpret. They change no metric.`,
    meaning: "Unexpected content, a forged request, or an event format that this version does not know.",
    affected: "Possibly the counts of a KMS host whose events are among them.",
    check: "The page `/pipeline` shows the newest of these records.",
    action:
      "Update activation-monitor. If the newest version does not interpret the format, report it with a redacted sample.",
  },
  CollectorClockSuspect: {
    summary: "A collector doubts its own clock",
    description:
      "The clock of a collector contradicts its database or its agents by more than a day. The collector deletes nothing, and refuses reports while agents contradict it.",
    meaning: "What is stored by a wrong clock is wrong for good, so nothing is stored until the clock is right.",
    affected: "No user. Agents keep their records and send them later; what pages and dashboards show is old.",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/collector` shows why under `clock_doubt`; on the collector's computer: `date -u`, `timedatectl`.",
    action:
      "Set the clock and turn time synchronization on. The doubt ends with the next heartbeat of an agent whose time agrees.",
  },
  CollectorLimitReached: {
    summary: `A limit of the collector is reached: ${LIMIT}`,
    description: `The collector holds as much as it may of: ${LIMIT}. What is new is refused (computers), or counted without its details.`,
    meaning:
      "An honest fleet stays far below the limits. A sender invents names, a program repeats an error with changing text, or the fleet is larger than `limits.computers`.",
    affected: "No user, until new computers are refused.",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/collector` lists every limit; `/api/v1/computers`, sorted by name, shows invented computers.",
    action:
      "Withdraw the token or certificate of the sender that invents names. For a larger fleet raise `limits.computers`.",
  },
  CollectorDown: {
    summary: "No activation-monitor collector delivers metrics",
    description:
      "Prometheus scrapes no collector, or the collectors serve no fleet metrics. Activation is not monitored now.",
    meaning:
      "The collector is down, Prometheus cannot reach it, or its database is not available. Agents keep their records on disk.",
    affected: "No user. Problems go unnoticed while it lasts.",
    check: "`curl -s http://COLLECTOR:9688/-/ready`; the page Status, Targets of Prometheus.",
    action: "Start the collector and read its log. Correct the scrape configuration.",
  },
  Watchdog: {
    summary: "Alerting works",
    description: "This alert always fires. When it stops arriving, the path from Prometheus to you is broken.",
    meaning: "A heartbeat of the alerting itself.",
    affected: "No user.",
    check: "Send it to a dead man's switch that notifies you when it is missing.",
    action: "None while it arrives.",
  },
};
