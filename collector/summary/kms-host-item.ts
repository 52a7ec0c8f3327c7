import { knownUntil } from "../../licensing/kms/coverage.ts";
import type { ProductClass } from "../../licensing/kms/rules.ts";
import type { Application } from "../../licensing/products.ts";
import { type Instant, isoOf } from "../../licensing/time.ts";
import { findingsOf, keyFindings, NOTHING_KNOWN } from "./findings.ts";
import type { PoolView } from "./kms-host.ts";
import type { HostSummary, KmsSettings } from "./kms-hosts.ts";
import { type ProbeView, probeFindings } from "./probes.ts";

/** One KMS host and application, as `GET /api/v1/kms-hosts` lists it. Times are ISO 8601. */
export interface KmsHostItem {
  readonly kms_host: string;
  readonly zone: string;
  readonly application: Application;
  readonly reported_clients?: number | undefined;
  readonly told_clients?: number | undefined;
  readonly distinct_clients?: number | undefined;
  readonly table_clients?: number | undefined;
  readonly cache_size?: number | undefined;
  readonly effective_clients?: number | undefined;
  readonly complete: boolean;
  readonly known_until: {
    readonly reported?: string | undefined;
    readonly clients?: string | undefined;
    readonly ledger?: string | undefined;
  };
  readonly last_request?: string | undefined;
  readonly duplicate_machine_ids: readonly {
    readonly client_machine_id: string;
    readonly computers: readonly string[];
  }[];
  readonly thresholds: Readonly<Partial<Record<ProductClass, Threshold>>>;
  readonly findings: readonly string[];
}

/** What one product class needs of a count. */
export interface Threshold {
  readonly required: number;
  readonly headroom?: number | undefined;
  readonly reached: boolean;
  readonly below_threshold_at?: string | undefined;
}

/** The items of one KMS host: one for each application that it counts. */
export const kmsHostItems = (
  host: HostSummary,
  probes: ProbeView,
  settings: KmsSettings,
  now: Instant,
): KmsHostItem[] => {
  const unreachable = probeFindings(probes, host.name);
  if (host.pools.length === 0) return [unheardItem(host, unreachable)];
  return host.pools.map((pool) => ({
    ...countItem(host, pool),
    findings: [
      ...findingsOf(host, pool, now),
      ...keyFindings(pool.application, host.keys, host.asked, settings),
      ...unreachable,
    ],
  }));
};

/** A KMS host that there should be, or that has reported nothing about its counts yet. */
const unheardItem = ({ name, zone }: HostSummary, findings: readonly string[]): KmsHostItem => ({
  kms_host: name,
  zone,
  application: "windows",
  complete: false,
  known_until: {},
  duplicate_machine_ids: [],
  thresholds: {},
  findings: [NOTHING_KNOWN, ...findings],
});

const countItem = (host: HostSummary, it: PoolView): Omit<KmsHostItem, "findings"> => {
  const { pool } = it;
  const counted = host.judgedAt !== undefined && pool.lastRequest !== undefined;
  return {
    kms_host: host.name,
    zone: host.zone,
    application: it.application,
    reported_clients: pool.reported?.count,
    told_clients: pool.told?.count,
    distinct_clients: host.distinct[it.application],
    table_clients: counted ? it.tableClients : undefined,
    cache_size: counted ? it.capacity : undefined,
    effective_clients: it.effective?.count,
    complete: it.complete,
    known_until: {
      reported: isoOf(pool.reported?.at),
      clients: isoOf(pool.told?.at),
      ledger: isoOf(knownUntil(host.host.coverage)),
    },
    last_request: isoOf(pool.lastRequest),
    duplicate_machine_ids: host.duplicates.map(({ cmid, computers }) => ({ client_machine_id: cmid, computers })),
    thresholds: Object.fromEntries(
      it.classes.map(({ productClass, required, headroom, reached, belowThresholdAt }) => [
        productClass,
        { required, headroom, reached, below_threshold_at: isoOf(belowThresholdAt) },
      ]),
    ),
  };
};
