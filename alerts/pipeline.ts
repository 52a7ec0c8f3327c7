import {
  fleetMetrics as F,
  kmsMetrics as K,
  type Metric,
  pipelineMetrics as P,
  processMetrics,
  recordedIncrease,
} from "../licensing/telemetry/metrics.ts";
import { notInMaintenance } from "./kms.ts";
import { ZONE_AGENT_COMPUTERS } from "./recording.ts";
import { affected, affectedPercent, type Rule, type Settings, series, withKind } from "./rule.ts";
import { promDuration } from "./thresholds.ts";

const increased = (metric: Metric, selector = ""): string =>
  `${recordedIncrease(metric)}${selector && `{${selector}}`}`;

/** A log that was complete within the last hour and is not any more: the host's count can no longer be computed from it. */
const ledgerBroken = `max by (kms_host, zone) (max_over_time(${series(K.ledgerComplete)}[1h]) == 1 and ${series(K.ledgerComplete)} == 0)`;

/** Requests that a collector refuses as a whole: no token, another computer's certificate, too large, another encoding. */
const REFUSED = 'code=~"401|403|413|415"';

/** Alerts on what watches: agents, collectors, alerting itself. */
export const pipelineRules = ({ thresholds: t }: Settings): Rule[] => {
  const silentHost = `time() - max by (kms_host, zone) (${series(K.knownUntil, 'source=~"reported|ledger"')} > 0) > ${t.host_unknown_after}`;
  const stale = { share: t.stale_share, atLeast: t.affected_computers, smallZone: 2 * t.stale_share };
  const gaps = {
    share: t.affected_share,
    atLeast: t.affected_computers,
    smallZone: t.small_zone_share,
  };
  const refused = (outcome: string) =>
    // Half a record less: Prometheus extrapolates increases by a little.
    `sum by (kind) (${increased(P.records, `outcome="${outcome}"`)}) > ${t.refused_records - 0.5}`;
  const collectors = P.buildInfo.name;
  return [
    {
      alert: "AgentsStale",
      severity: "warning",
      expr: withKind(
        `${notInMaintenance(silentHost)} or ${affectedPercent(`sum by (zone) (${series(F.computers, 'state="stale"')})`, stale, ZONE_AGENT_COMPUTERS)}`,
      ),
      holds: "holds_long",
      uses: ["stale_share", "affected_computers", "host_unknown_after"],
      dashboard: "activation-fleet",
    },
    {
      alert: "AgentSpoolBacklog",
      severity: "warning",
      expr: withKind(`max by (zone) (${series(P.oldestUnsent)}) > ${t.backlog}`),
      holds: "holds_short",
      uses: ["backlog"],
      dashboard: "activation-pipeline",
    },
    {
      alert: "AgentEventGap",
      severity: "warning",
      expr: withKind(
        `${ledgerBroken} or ${affected(`sum by (zone) (${increased(P.eventGaps)})`, gaps, ZONE_AGENT_COMPUTERS)}`,
      ),
      uses: ["affected_share", "affected_computers", "small_zone_share", "counted_over"],
      dashboard: "activation-pipeline",
    },
    {
      alert: "CollectorRejectingRecords",
      severity: "warning",
      expr: `${refused("rejected")} or sum by (code) (${increased(processMetrics.requests, REFUSED)}) > ${t.refused_requests}`,
      holds: "holds_short",
      uses: ["refused_records", "refused_requests", "counted_over"],
      dashboard: "activation-pipeline",
    },
    {
      alert: "CollectorUninterpretedRecords",
      severity: "warning",
      expr: refused("uninterpreted"),
      holds: "holds_short",
      uses: ["refused_records", "counted_over"],
      dashboard: "activation-pipeline",
    },
    {
      alert: "CollectorClockSuspect",
      severity: "warning",
      expr: `${series(P.clockSuspect)} == 1`,
      holds: "holds_short",
      dashboard: "activation-pipeline",
    },
    {
      alert: "CollectorLimitReached",
      severity: "warning",
      expr: `${series(P.limitReached)} == 1`,
      holds: "holds_short",
      dashboard: "activation-pipeline",
    },
    {
      // The raw metrics: the recorded ones outlive the last collector. A collector that runs and serves no fleet metrics (its
      // database is gone) is as bad as none.
      alert: "CollectorDown",
      severity: "critical",
      expr: `absent(${collectors}) or max(max_over_time(${P.ready.name}[${promDuration(t.survives_missed_scrapes)}])) == 0`,
      holds: "holds_collector_down",
      uses: ["survives_missed_scrapes"],
      dashboard: "activation-pipeline",
    },
    { alert: "Watchdog", severity: "info", expr: "vector(1)" },
  ];
};
