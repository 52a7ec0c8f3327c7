import { LEARNED_MAX } from "../../licensing/products.ts";
import type { LIMITS } from "../../licensing/telemetry/label-values.ts";
import { DAY, hourOf, type Instant } from "../../licensing/time.ts";
import { ZONES_MAX } from "../../licensing/zones.ts";
import { HOUR_MAX } from "../ingest/uninterpreted.ts";
import { type FoldedGroup, SUMS_MAX } from "../state/folded-sums.ts";
import { DOMAINS_MAX, DUPLICATES_MAX } from "../state/kms/host.ts";
import { KMS_HOSTS_MAX, type KmsHostState } from "../state/kms/host-state.ts";
import { KEYS_MAX, REFUSED_MAX } from "../state/kms/keys.ts";
import { ALIASES_MAX } from "../state/kms/names.ts";
import type { Memory } from "../state/memory.ts";
import { PROBERS_MAX } from "../state/probes.ts";
import { sumKey } from "../store/sums.ts";

export type LimitName = (typeof LIMITS)[number];

/** How much of something the collector holds, and how much of it it may. */
export interface Limit {
  readonly limit: LimitName;
  readonly used: number;
  readonly allowed: number;
  readonly reached: boolean;
}

/** The groups of sums whose number is bounded, as labels. */
const GROUPS: Readonly<Record<FoldedGroup, LimitName>> = {
  licenses: "licenses",
  mak: "keys",
  failing: "failing_sources",
  target: "kms_targets",
  deadline: "deadlines",
  overdue: "renewals",
  method: "methods",
  notices: "notifications",
  distinct: "distinct_clients",
  asked: "asked_products",
  kms_computers: "kms_computers",
  kms_licenses: "kms_licenses",
  kms_due: "kms_renewals",
};

/** Every bound of what senders, hosts or the fleet can make grow (docs/security.md, "What is bounded"). */
export const limitsOf = (memory: Memory, now: Instant): Limit[] => {
  const { sums, hosts, probers, products, configuredZones, reportedZones, computersMax, uninterpreted } = memory;
  const isThisHour = uninterpreted?.hour === hourOf(now);
  const [used, allowed] = fullestDetail(hosts.values(), now);
  return [
    limit("computers", sums.get(sumKey("computers")), computersMax),
    limit("kms_hosts", hosts.size, KMS_HOSTS_MAX),
    limit("kms_host_details", used, allowed),
    limit("zones", configuredZones.size + reportedZones.size, ZONES_MAX),
    limit("probers", probers.size, PROBERS_MAX),
    limit("products", products.learned.size, LEARNED_MAX),
    ...(Object.keys(GROUPS) as FoldedGroup[]).map((it) => limit(GROUPS[it], sums.size(it), SUMS_MAX[it])),
    limit("uninterpreted", isThisHour ? uninterpreted.text : 0, HOUR_MAX),
  ];
};

const limit = (name: LimitName, used: number, allowed: number): Limit => ({
  limit: name,
  used,
  allowed,
  reached: used >= allowed,
});

/** Of all sets of all KMS hosts the one that is nearest to its bound. */
const fullestDetail = (hosts: Iterable<KmsHostState>, now: Instant): readonly [used: number, allowed: number] => {
  let fullest: readonly [number, number] = [0, DUPLICATES_MAX];
  for (const host of hosts) {
    // Its row was too large as a whole: the largest set of it was halved.
    if (host.halvedAt !== undefined && host.halvedAt > now - DAY) return [1, 1];
    for (const [set, allowed] of [
      [host.duplicates, DUPLICATES_MAX],
      [host.domains, DOMAINS_MAX],
      [host.aliases, ALIASES_MAX],
      [host.refused, REFUSED_MAX],
      [host.keys, KEYS_MAX],
    ] as const) {
      const used = Object.keys(set).length;
      if (used / allowed > fullest[0] / fullest[1]) fullest = [used, allowed];
    }
  }
  return fullest;
};
