import { type Case, DAY, NOW } from "./case.ts";
import { agents, computers, heard, host, K, maintenance } from "./series.ts";

const hostKnown = (source: string) => `kms_known_until_timestamp_seconds{${host},source="${source}"}`;

export const PIPELINE: readonly Case[] = [
  {
    alert: "AgentsStale",
    // Computers that only KMS hosts' logs name have no agent that could be silent.
    fires: {
      'computers{zone="core",state="stale"}': 30,
      [agents]: 100,
      [computers]: 10_100,
    },
    silent: [{ 'computers{zone="core",state="stale"}': 10 }, { [agents]: 1_000 }],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: about 30 % of the agents are silent",
  },
  {
    alert: "AgentsStale",
    // Clients still show that the host lives, but its agent is silent.
    fires: { ...heard, [hostKnown("reported")]: NOW - 2 * DAY, [hostKnown("ledger")]: NOW - 3 * DAY },
    silent: [{ [hostKnown("ledger")]: NOW - 60 }, maintenance],
    labels: K,
    severity: "warning",
    text: "The agent of KMS host kms01 (zone core) has been silent for 2 days",
  },
  {
    alert: "AgentSpoolBacklog",
    fires: { 'agent_oldest_unsent_seconds{zone="core"}': 2 * DAY },
    silent: [{ 'agent_oldest_unsent_seconds{zone="core"}': 600 }],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: an agent has not delivered records for 2 days",
  },
  {
    alert: "AgentEventGap",
    fires: { 'agent_event_gaps{zone="core"}': 4, [agents]: 200 },
    silent: [{ 'agent_event_gaps{zone="core"}': 0 }, { [agents]: 50_000 }],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: event logs were overwritten or cleared before they were read",
  },
  {
    alert: "CollectorRejectingRecords",
    fires: { 'collector_records{kind="event",outcome="rejected"}': 1.01 },
    silent: [
      {
        'collector_records{kind="event",outcome="rejected"}': 0,
        'collector_records{kind="event",outcome="ignored"}': 5,
      },
    ],
    labels: { kind: "event" },
    severity: "warning",
    text: "The collector rejects event records",
  },
  {
    alert: "CollectorRejectingRecords",
    fires: { 'collector_requests{code="403"}': 40 },
    silent: [{ 'collector_requests{code="403"}': 4, 'collector_requests{code="200"}': 900 }],
    labels: { code: "403" },
    severity: "warning",
    text: "The collector refuses requests of a sender (HTTP status 403)",
  },
  {
    alert: "CollectorUninterpretedRecords",
    fires: { 'collector_records{kind="licensing",outcome="uninterpreted"}': 1 },
    silent: [{ 'collector_records{kind="licensing",outcome="uninterpreted"}': 0 }],
    labels: { kind: "licensing" },
    severity: "warning",
    text: "The collector received license state records that it cannot interpret",
  },
  {
    alert: "CollectorClockSuspect",
    fires: { collector_clock_suspect: 1 },
    silent: [{ collector_clock_suspect: 0 }],
    labels: {},
    severity: "warning",
    text: "A collector doubts its own clock",
  },
  {
    alert: "CollectorLimitReached",
    fires: { 'collector_limit_reached{limit="computers"}': 1, 'collector_limit_reached{limit="zones"}': 0 },
    silent: [{ 'collector_limit_reached{limit="computers"}': 0 }],
    labels: { limit: "computers" },
    severity: "warning",
    text: "A limit of the collector is reached: computers (limits.computers)",
  },
  {
    alert: "CollectorDown",
    fires: {},
    silent: [{ 'raw activation_collector_build_info{version="1"}': 1, "raw activation_collector_ready": 1 }],
    labels: {},
    severity: "critical",
    text: "No activation-monitor collector delivers metrics",
  },
  {
    alert: "CollectorDown",
    fires: { 'raw activation_collector_build_info{version="1"}': 1, "raw activation_collector_ready": 0 },
    silent: [{ "raw activation_collector_ready": 1 }],
    labels: {},
    severity: "critical",
    text: "No activation-monitor collector delivers metrics",
  },
];
