import { kmsMetrics as K } from "../licensing/telemetry/metrics.ts";
import { kmsCountRules } from "./kms-counts.ts";
import { kmsDiscoveryRules, kmsHostRules } from "./kms-hosts.ts";
import { type Rule, type Settings, series, withKind } from "./rule.ts";

/** All alerts on KMS hosts, with the zone's kind; announced maintenance of a host silences its alerts. */
export const kmsRules = (settings: Settings): Rule[] =>
  [...kmsCountRules(settings), ...kmsHostRules(settings), ...kmsDiscoveryRules(settings)].map((it) => ({
    dashboard: "activation-kms",
    ...it,
    expr: WITHOUT_ZONE.has(it.alert)
      ? it.expr
      : withKind(WITHOUT_HOST.has(it.alert) ? it.expr : notInMaintenance(it.expr)),
  }));

/** They name a target or a key, which belong to no zone. */
const WITHOUT_ZONE: ReadonlySet<string> = new Set(["KmsUnexpectedHost", "KmsKeyOverused"]);
const WITHOUT_HOST: ReadonlySet<string> = new Set(["KmsSingleHost"]);

export const notInMaintenance = (expr: string): string =>
  `(${expr}) unless on (kms_host, zone) (${series(K.health, 'state="maintenance"')} == 1)`;
