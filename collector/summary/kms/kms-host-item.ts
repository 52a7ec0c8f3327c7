import { knownUntil } from "../../../licensing/kms/coverage.ts";
import { classHealth, type HealthState } from "../../../licensing/kms/health.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import type { Application } from "../../../licensing/products.ts";
import { type Instant, isoOf } from "../../../licensing/time.ts";
import { countFindings, keyFindings, unknownProductFinding } from "../findings.ts";
import { type HostAlert, hostAlerts } from "../host-alerts.ts";
import type { Sentences } from "../locales/sentences.ts";
import type { PoolView } from "./kms-host.ts";
import type { ApplicationSummary, HostSummary, KmsSettings } from "./kms-hosts.ts";
import { probeFindings } from "./probes.ts";

/** One KMS host and application, as `GET /api/v1/kms-hosts` lists it. Times are ISO 8601. */
export interface KmsHostItem {
  readonly kms_host: string;
  readonly zone: string;
  readonly application: Application;
  readonly health: HealthState;
  /** Sentences that say why, worst first. */
  readonly reasons: readonly string[];
  readonly reported_clients?: number | undefined;
  readonly told_clients?: number | undefined;
  readonly distinct_clients?: number | undefined;
  readonly table_clients?: number | undefined;
  readonly cache_size?: number | undefined;
  readonly effective_clients?: number | undefined;
  /** Where the count is known only as an interval: without and with the clients of unknown products. */
  readonly clients_between?: readonly [atLeast: number, atMost: number] | undefined;
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
  /** The reasons, then why counts differ and what else to do. */
  readonly findings: readonly string[];
  /** Names of the alerts whose conditions hold, by the default thresholds. */
  readonly alerts: readonly HostAlert[];
}

/** What one product class needs of a count. */
export interface Threshold {
  readonly required: number;
  readonly health: HealthState;
  readonly headroom?: number | undefined;
  readonly reached: boolean;
  readonly below_threshold_at?: string | undefined;
}

/** The items of one KMS host: one for each product family that it counts or has a key for. */
export const kmsHostItems = (
  host: HostSummary,
  unknownIds: readonly string[],
  settings: KmsSettings,
  { now, say }: { now: Instant; say: Sentences },
): KmsHostItem[] =>
  host.applications.map((it) => {
    const { application, health, pool } = it;
    const reasons = health.reasons.map(({ sentence }) => sentence);
    return {
      kms_host: host.name,
      zone: host.zone,
      application,
      health: health.state,
      reasons,
      ...(pool ? countOf(host, pool) : NO_COUNT),
      duplicate_machine_ids: host.duplicates.map(({ cmid, computers }) => ({ client_machine_id: cmid, computers })),
      thresholds: thresholdsOf(it),
      findings: [
        ...reasons,
        ...(host.isUnexpected ? [say.unexpected] : []),
        ...(pool ? countFindings(host, pool, it, { now, say }) : []),
        ...(application === "unknown" || pool?.between ? unknownProductFinding(unknownIds, say) : []),
        ...keyFindings(application, host.keys, host.asked, settings, say),
        ...probeFindings(host.looks, say),
      ],
      alerts: hostAlerts(host, it, settings, now),
    };
  });

type Count = Omit<
  KmsHostItem,
  | "kms_host"
  | "zone"
  | "application"
  | "health"
  | "reasons"
  | "duplicate_machine_ids"
  | "thresholds"
  | "findings"
  | "alerts"
>;
const NO_COUNT: Count = { complete: false, known_until: {} };

const countOf = (host: HostSummary, it: PoolView): Count => {
  const { pool } = it;
  const counted = host.judgedAt !== undefined && pool.lastRequest !== undefined;
  return {
    reported_clients: it.keyLost ? undefined : pool.reported?.count,
    told_clients: it.told?.count,
    distinct_clients: host.distinct[it.application],
    table_clients: counted ? it.tableClients : undefined,
    cache_size: counted ? it.capacity : undefined,
    effective_clients: it.effective?.count,
    clients_between: it.between,
    complete: it.complete,
    known_until: {
      reported: isoOf(pool.reported?.at),
      clients: isoOf(it.told?.at),
      ledger: isoOf(knownUntil(host.host.coverage)),
    },
    last_request: isoOf(pool.lastRequest),
  };
};

const thresholdsOf = ({ health, pool }: ApplicationSummary): KmsHostItem["thresholds"] =>
  Object.fromEntries(
    (pool?.classes ?? []).map(({ productClass, required, headroom, reached, belowThresholdAt }) => [
      productClass,
      {
        required,
        health: classHealth(health, productClass),
        headroom,
        reached,
        below_threshold_at: isoOf(belowThresholdAt),
      },
    ]),
  );
