import type { Health } from "../../../licensing/kms/health.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import { APPLICATIONS, type Application } from "../../../licensing/products.ts";
import { HOUR, hourOf, type Instant } from "../../../licensing/time.ts";
import { newKmsHost } from "../../state/kms/host-state.ts";
import { type AskedProduct, askedByHost, askedProducts, type KeyView, keyViews } from "../../state/kms/keys.ts";
import type { Memory } from "../../state/memory.ts";
import type { Reader } from "../../store/store.ts";
import type { ZoneSettings } from "../computer-counts.ts";
import { type Language, SENTENCES } from "../locales/languages.ts";
import { applicationHealth, type Maintenance, refusalOf } from "./kms-health.ts";
import { type HostView, hostView, type PoolView } from "./kms-host.ts";
import { type HostRules, type Look, probeView, upByZone } from "./probes.ts";
import { type ReachableHost, type SplitCount, type SplitCounts, splitCounts } from "./split-counts.ts";

export interface KmsSettings extends HostRules {
  /** When KMS hosts are worked on: known and shown, and no reason to page. */
  readonly maintenance: readonly Maintenance[];
  /** Cloud providers' hosts and retired ones are not shown. */
  readonly hiddenHosts: readonly string[];
  readonly keyHostsAllowed: number;
  readonly keyReactivationsAllowed: number;
}

/** What can be said of one KMS host now: page, API, metrics and findings read this and nothing else of a host. */
export interface HostSummary extends HostView {
  readonly zone: string;
  /** `kms.expected_hosts` is given and does not list it. */
  readonly isUnexpected: boolean;
  /** Each product family that it counts or has a key for; Windows, where nothing is known of it yet. */
  readonly applications: readonly ApplicationSummary[];
  /** What probers saw of it last. */
  readonly looks: readonly Look[];
  readonly keys: readonly KeyView[];
  readonly asked: readonly AskedProduct[];
  /** Clients that asked within 30 days, beyond the table's limit; absent where no request is known. */
  readonly distinct: Readonly<Partial<Record<Application, number>>>;
}

export interface ApplicationSummary {
  readonly application: Application;
  readonly health: Health;
  /** Absent where nothing was counted yet. */
  readonly pool: PoolView | undefined;
  /** Classes with too few clients here and enough on several KMS hosts together. */
  readonly splits: Readonly<Partial<Record<ProductClass, SplitCount>>>;
}

/**
 * Names of the KMS hosts that are shown: confirmed by their own facts, or expected by configuration (docs/counting-rules.md,
 * "Names").
 */
export const kmsHostNames = (memory: Memory, { hiddenHosts, expectedHosts }: KmsSettings): string[] => {
  const hidden = new Set(hiddenHosts);
  return [...new Set([...memory.hosts.keys(), ...expectedHosts])].filter((it) => !hidden.has(it)).sort();
};

/** Every KMS host that is shown, or the one with this name. Reasons of its health are sentences in this language. */
export const kmsHosts = async (
  memory: Memory,
  reader: Reader,
  settings: KmsSettings & ZoneSettings,
  now: Instant,
  { only, language = "en" }: { readonly only?: string | undefined; readonly language?: Language | undefined } = {},
): Promise<HostSummary[]> => {
  const hours = memory.sums.byHour("distinct");
  const asked = askedByHost(memory.sums);
  const probes = probeView(memory, settings, now);
  const looks = Map.groupBy(probes.looks, (it) => it.kmsHost);
  const views = kmsHostNames(memory, settings).map((name) => {
    const view = hostView(name, memory.hosts.get(name) ?? newKmsHost(), now, memory.products);
    const zone = memory.zoneOf(name, view.host);
    return { ...view, zone, reach: reachOf(zone, settings) };
  });
  const splitOf = splitCounts(views);
  const hosts: HostSummary[] = [];
  for (const view of views) {
    const { name } = view;
    if (only !== undefined && only !== name) continue;
    const keys = keyViews(view.host, memory.products);
    const until = view.judgedAt ?? now;
    const seen = looks.get(name) ?? [];
    hosts.push({
      ...view,
      isUnexpected: settings.expectedHosts.length > 0 && probes.names.stateOf(name, false) === "unexpected",
      applications: applicationsOf(view, splitOf, {
        keys,
        up: upByZone(seen),
        maintenance: settings.maintenance,
        now,
        say: SENTENCES[language].health,
      }),
      looks: seen,
      keys,
      asked: askedProducts(asked.get(name) ?? [], view.host, keys, { products: memory.products, until }),
      distinct: await distinctClients(view, hours, reader),
    });
  }
  return hosts;
};

/** Core zones reach each other's KMS hosts; every other zone only its own. */
const reachOf = (zone: string, { zones }: ZoneSettings): string =>
  zones.find((it) => it.name === zone)?.kind === "core" ? "core zones" : `zone ${zone}`;

const applicationsOf = (
  view: ReachableHost,
  splitOf: SplitCounts,
  parts: Omit<Parameters<typeof applicationHealth>[2], "pool">,
): ApplicationSummary[] => {
  // Without clients there is nothing unknown.
  const pools = view.pools.filter(
    (it) =>
      it.application !== "unknown" ||
      it.tableClients > 0 ||
      refusalOf(view.host, it, view.judgedAt ?? parts.now) !== undefined,
  );
  const families = new Set<Application>(pools.map((it) => it.application));
  for (const { key } of parts.keys) families.add(key.application);
  if (families.size === 0) families.add("windows");
  return APPLICATIONS.filter((it) => families.has(it)).map((application) => {
    const pool = pools.find((it) => it.application === application);
    const tooFew = (pool?.classes ?? []).filter(({ headroom }) => headroom !== undefined && headroom < 0);
    return {
      application,
      pool,
      health: applicationHealth(view, application, { ...parts, pool }),
      splits: Object.fromEntries(tooFew.map(({ productClass }) => [productClass, splitOf(view.reach, productClass)])),
    };
  });
};

/** Whole hours from the sums, the hour that the 30 days begin in from the store. */
const distinctClients = async (
  { name, judgedAt, pools }: HostView,
  hours: ReadonlyMap<string, ReadonlyMap<number, number>>,
  reader: Reader,
): Promise<HostSummary["distinct"]> => {
  const distinct: Partial<Record<Application, number>> = {};
  for (const { application, pool } of pools) {
    if (judgedAt === undefined || pool.lastRequest === undefined) continue;
    const from = judgedAt - CLIENT_LIFETIME + 1;
    const until = (hourOf(from) + 1) * HOUR;
    let count = await reader.countKmsClients({ kmsHost: name, pool: application, from, until });
    for (const [hour, sum] of hours.get(`${name} ${application}`) ?? [])
      if (hour > hourOf(from) && hour <= hourOf(judgedAt)) count += sum;
    distinct[application] = count;
  }
  return distinct;
};
