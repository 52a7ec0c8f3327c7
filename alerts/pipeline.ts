import { fleetMetrics as F, pipelineMetrics as P } from "../licensing/telemetry/metrics.ts";
import { type Rule, type Settings, series, withKind } from "./rule.ts";

/** Alerts on what watches: agents, collectors, alerting itself. */
export const pipelineRules = ({ thresholds: t }: Settings): Rule[] => [
  {
    alert: "AgentsStale",
    severity: "warning",
    expr: withKind(
      `sum by (zone) (${series(F.computers, 'state="stale"')}) / (sum by (zone) (${series(F.computers, 'state!="retired"')}) > 0) > ${t.staleShare}`,
    ),
    holds: "long",
    dashboard: "activation-fleet",
  },
  {
    alert: "AgentSpoolBacklog",
    severity: "warning",
    expr: withKind(`max by (zone) (${series(P.oldestUnsent)}) > ${t.backlogSeconds}`),
    holds: "short",
    dashboard: "activation-pipeline",
  },
  {
    alert: "AgentEventGap",
    severity: "warning",
    expr: withKind(`sum by (zone) (${series(P.eventGaps)}) > 0`),
    dashboard: "activation-pipeline",
  },
  {
    alert: "CollectorRejectingRecords",
    severity: "warning",
    expr: `sum by (kind) (${series(P.records, 'outcome="rejected"')}) > 0`,
    holds: "short",
    dashboard: "activation-pipeline",
  },
  {
    alert: "CollectorUninterpretedRecords",
    severity: "warning",
    expr: `sum by (kind) (${series(P.records, 'outcome="uninterpreted"')}) > 0`,
    holds: "short",
    dashboard: "activation-pipeline",
  },
  // The raw metric: the recorded one would stay for a while after the last collector is gone.
  {
    alert: "CollectorDown",
    severity: "critical",
    expr: `absent(${P.buildInfo.name})`,
    holds: "short",
    dashboard: "activation-pipeline",
  },
  { alert: "Watchdog", severity: "info", expr: "vector(1)" },
];
