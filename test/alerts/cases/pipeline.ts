import { type Case, DAY } from "./case.ts";

export const PIPELINE: readonly Case[] = [
  {
    alert: "AgentsStale",
    fires: {
      'computers{zone="core",state="stale"}': 30,
      'computers{zone="core",state="reporting"}': 70,
      'computers{zone="core",state="retired"}': 900,
    },
    silent: [{ 'computers{zone="core",state="stale"}': 10 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "30%",
  },
  {
    alert: "AgentSpoolBacklog",
    fires: { 'agent_oldest_unsent_seconds{zone="core"}': 2 * DAY },
    silent: [{ 'agent_oldest_unsent_seconds{zone="core"}': 600 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "2d 0h 0m 0s",
  },
  {
    alert: "AgentEventGap",
    fires: { 'agent_event_gaps{zone="core"}': 0.01 },
    silent: [{ 'agent_event_gaps{zone="core"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "",
  },
  {
    alert: "CollectorRejectingRecords",
    fires: { 'collector_records{kind="event",outcome="rejected"}': 0.1 },
    silent: [
      {
        'collector_records{kind="event",outcome="rejected"}': 0,
        'collector_records{kind="event",outcome="ignored"}': 5,
      },
    ],
    labels: { kind: "event" },
    severity: "warning",
    value: "",
  },
  {
    alert: "CollectorUninterpretedRecords",
    fires: { 'collector_records{kind="event",outcome="uninterpreted"}': 0.1 },
    silent: [{ 'collector_records{kind="event",outcome="uninterpreted"}': 0 }],
    labels: { kind: "event" },
    severity: "warning",
    value: "",
  },
  {
    alert: "CollectorDown",
    fires: {},
    silent: [{ 'raw activation_collector_build_info{version="1"}': 1 }],
    labels: {},
    severity: "critical",
    value: "",
  },
];
