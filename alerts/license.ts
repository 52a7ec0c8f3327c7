import { fleetMetrics as F, recordedIncrease } from "../licensing/telemetry/metrics.ts";
import { ZONE_AGENT_COMPUTERS, ZONE_KIND } from "./recording.ts";
import { type Affected, affected, affectedPercent, type Rule, type Settings, series, withKind } from "./rule.ts";
import { promDuration } from "./thresholds.ts";

/** Computers of a lab come and go in grace: their deadlines are no news. */
const GRACE = 'status=~".+_grace"';
const notInLabs = (expr: string): string => `${expr} unless on (zone) ${ZONE_KIND}{kind="lab"}`;

/** Alerts on the computers' licenses, by zone: one page, not thousands. */
export const licenseRules = ({ thresholds: t }: Settings): Rule[] => {
  const some: Affected = { share: t.affected_share, atLeast: t.affected_computers, smallZone: t.small_zone_share };
  const changed = (selector: string) => `sum by (zone) (${recordedIncrease(F.licenseChanges)}{${selector}})`;
  const until = (selector: string, within: string) =>
    `sum by (zone, status, within) (${series(F.deadlines, `within="${within}",${selector}`)})`;
  const licenses = (selector = "") => `sum by (zone) (${series(F.licenses, selector)})`;
  const many = ["affected_share", "affected_computers", "small_zone_share"] as const;
  const unusual: Affected = { share: t.anomaly_share, atLeast: t.anomaly_computers };
  const rules: Rule[] = [
    {
      alert: "LicenseDeadlineNear",
      severity: "warning",
      expr: `${affected(until('status!~".+_grace"', t.deadline_within), some)} or ${notInLabs(`(${affected(until(GRACE, t.grace_within), some)})`)}`,
      holds: "holds_short",
      uses: ["deadline_within", "grace_within", ...many],
    },
    {
      alert: "LicenseDeadlinePassed",
      severity: "info",
      expr: `${affected(`sum by (zone, status) (${series(F.deadlinesPassed, 'status!~".+_grace"')})`, some)} or ${notInLabs(`(${affected(`sum by (zone, status) (${series(F.deadlinesPassed, GRACE)})`, some)})`)}`,
      holds: "holds_long",
      uses: many,
    },
    {
      alert: "LicenseNotification",
      severity: "warning",
      expr: affected(licenses('status="notification"'), some, `(${licenses()})`),
      holds: "holds_short",
      uses: many,
    },
    {
      alert: "LicenseNonGenuine",
      severity: "warning",
      expr: affected(
        `sum by (zone) (${series(F.genuineComputers, 'state="non_genuine"')})`,
        some,
        ZONE_AGENT_COMPUTERS,
      ),
      holds: "holds_short",
      uses: many,
    },
    {
      alert: "LicenseRenewalsOverdue",
      severity: "warning",
      expr: affectedPercent(`sum by (zone) (${series(F.renewalsOverdue)})`, { ...some, share: t.overdue_share }),
      holds: "holds_long",
      uses: ["overdue_share", "affected_computers", "small_zone_share"],
    },
    {
      alert: "LicenseFleetAnomaly",
      dashboard: "activation-fleet",
      severity: "critical",
      expr: `${affectedPercent(changed('change!="to_licensed"'), unusual, ZONE_AGENT_COMPUTERS)} or ${affectedPercent(`(${fallen(t)})`, unusual)}`,
      holds: "holds_short",
      keep: true,
      uses: ["anomaly_share", "anomaly_computers", "counted_over", "keeps_firing"],
    },
    {
      alert: "LicenseChannelDrift",
      dashboard: "activation-keys",
      severity: "warning",
      expr: affected(changed('change="channel_drift"'), some, ZONE_AGENT_COMPUTERS),
      holds: "holds_short",
      uses: [...many, "counted_over"],
    },
    {
      alert: "ClientClockSkew",
      dashboard: "activation-failures",
      severity: "warning",
      expr: affected(`sum by (zone) (${series(F.clockSkewed)})`, some),
      holds: "holds_long",
      uses: many,
    },
  ];
  return rules.map((rule) => ({ dashboard: "activation-deadlines", ...rule, expr: withKind(rule.expr) }));
};

/** States in which a computer that was activated has lost its activation, or is about to. */
const LOST = 'status=~"oot_grace|non_genuine_grace|unlicensed|notification"';

/**
 * Licenses of a zone that fell into such a state within the window of counters. Computers that are new in the zone and were
 * in such a state before are none of them.
 */
const fallen = ({ counted_over: window }: Settings["thresholds"]): string => {
  const risen = (selector: string) => {
    const now = `sum by (zone) (${series(F.licenses, selector)})`;
    return `(${now} - (sum by (zone) (${series(F.licenses, selector)} offset ${promDuration(window)}) or 0 * ${now}))`;
  };
  return `${risen(LOST)} - clamp_min(${risen("")}, 0)`;
};

/** Alerts on the budgets of MAK keys, which belong to no zone. */
export const makRules = ({ thresholds: t }: Settings): Rule[] => {
  const computers = series(F.makComputers);
  const allowance = series(F.makAllowance);
  // What the licensing portal reported overrides what the inventory of computers shows.
  const left = `(${series(F.makRemaining)} or (${allowance} - ${computers}))`;
  const fleet = { severity: "warning", holds: "holds_long", dashboard: "activation-keys" } as const;
  return [
    {
      ...fleet,
      alert: "MakAllowanceLow",
      expr: `100 * (${left} / (${allowance} > 0) < ${t.mak_left_share})`,
      uses: ["mak_left_share"],
    },
    {
      ...fleet,
      alert: "MakExhaustionForecast",
      expr: `(predict_linear(${computers}[7d], ${t.mak_forecast}) - ${computers}) > ${left} and ${left} > 0`,
      uses: ["mak_forecast"],
    },
  ];
};
