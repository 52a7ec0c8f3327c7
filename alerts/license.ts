import { fleetMetrics as F } from "../licensing/telemetry/metrics.ts";
import { type Rule, type Settings, series, withKind } from "./rule.ts";

/** Alerts on the computers' licenses, by zone: one page, not thousands. */
export const licenseRules = ({ thresholds: t }: Settings): Rule[] => {
  const computers = `sum by (zone) (${series(F.computers, 'state!="retired"')})`;
  // Rates of whole minutes, summed: a Prometheus that was started a moment ago does not take ten minutes for an hour.
  const changed = (changes: string) =>
    `sum by (zone) (sum_over_time(${series(F.licenseChanges, `change=~"${changes}"`)}[1h:1m])) * 60`;
  const worse = changed("to_notification|channel_drift|rearmed");
  const fleet = (rule: Rule): Rule => ({ dashboard: "activation-fleet", ...rule, expr: withKind(rule.expr) });
  return [
    {
      alert: "LicenseDeadlineNear" as const,
      severity: "warning" as const,
      expr: `sum by (zone, status) (${series(F.deadlines, `within="${t.deadlineWithin}"`)}) > 0`,
      holds: "short" as const,
    },
    {
      alert: "LicenseDeadlinePassed" as const,
      severity: "info" as const,
      expr: `sum by (zone, status) (${series(F.deadlinesPassed)}) > 0`,
      holds: "long" as const,
    },
    {
      alert: "LicenseNotification" as const,
      severity: "warning" as const,
      expr: `sum by (zone) (${series(F.licenses, 'status="notification"')}) > 0`,
      holds: "short" as const,
    },
    {
      alert: "LicenseNonGenuine" as const,
      severity: "warning" as const,
      expr: `sum by (zone) (${series(F.genuineComputers, 'state="non_genuine"')}) > 0`,
      holds: "short" as const,
    },
    {
      alert: "LicenseRenewalsOverdue" as const,
      severity: "warning" as const,
      expr: `sum by (zone) (${series(F.renewalsOverdue)}) / (${computers} > 0) > ${t.overdueShare}`,
      holds: "long" as const,
    },
    {
      alert: "LicenseFleetAnomaly" as const,
      severity: "critical" as const,
      expr: `${worse} / (${computers} > 0) > ${t.anomalyShare} and on (zone) (${worse} >= ${t.anomalyComputers})`,
      keep: true,
    },
    {
      alert: "LicenseChannelDrift" as const,
      severity: "warning" as const,
      expr: `${changed("channel_drift")} > ${t.driftComputers}`,
    },
    {
      alert: "ClientClockSkew" as const,
      severity: "warning" as const,
      expr: `sum by (zone) (${series(F.clockSkewed)}) > 0`,
      holds: "long" as const,
    },
  ].map(fleet);
};

/** Alerts on the budgets of MAK keys, which belong to no zone. */
export const makRules = ({ thresholds: t }: Settings): Rule[] => {
  const computers = series(F.makComputers);
  const allowance = series(F.makAllowance);
  // What the portal said goes before what our own inventory can tell.
  const left = `(${series(F.makRemaining)} or (${allowance} - ${computers}))`;
  const fleet = { severity: "warning", holds: "long", dashboard: "activation-fleet" } as const;
  return [
    { ...fleet, alert: "MakAllowanceLow", expr: `${left} / ${allowance} < ${t.makLeftShare}` },
    {
      ...fleet,
      alert: "MakExhaustionForecast",
      expr: `(predict_linear(${computers}[7d], ${t.makForecastSeconds}) - ${computers}) > ${left} and ${left} > 0`,
    },
  ];
};
