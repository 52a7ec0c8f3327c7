import { HEALTH, type Health, type HealthFacts, healthOf, type Refusal } from "../../../licensing/kms/health.ts";
import type { HealthSentences } from "../../../licensing/kms/health-sentences.ts";
import { servingKeys } from "../../../licensing/kms/host-license.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import { deadlineOf } from "../../../licensing/license.ts";
import type { Application } from "../../../licensing/products.ts";
import type { Reason } from "../../../licensing/reasons.ts";
import { HOUR, type Instant, MINUTE } from "../../../licensing/time.ts";
import type { KmsHostState } from "../../state/kms/host-state.ts";
import type { KeyView } from "../../state/kms/keys.ts";
import type { HostView, PoolView } from "./kms-host.ts";
import type { Up } from "./probes.ts";

/** A time in which a KMS host is worked on, by configuration. */
export interface Maintenance {
  readonly kmsHost: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly reason: string;
}

/** Health of one product family on a host; `pool` is absent where only a key for it is known. */
export const applicationHealth = (
  view: HostView,
  application: Application,
  parts: {
    readonly pool: PoolView | undefined;
    readonly keys: readonly KeyView[];
    readonly up: readonly Up[];
    readonly maintenance: readonly Maintenance[];
    readonly now: Instant;
    readonly say: HealthSentences;
  },
): Health => {
  const { pool, now } = parts;
  const { host, name } = view;
  const facts: HealthFacts = {
    application,
    now,
    keys: keysOf(host, application, parts.keys),
    keyLost: pool ? pool.keyLost : host.reading?.isKmsHost === false,
    refusal: pool && refusalOf(host, pool, view.judgedAt ?? now),
    startFailed: startFailedOf(host, parts.up, name),
    probes: parts.up.filter((it) => it.kmsHost === name),
    knownUntil: knownUntilOf(view, pool),
    counted: pool?.effective !== undefined || pool?.between !== undefined,
    complete: pool?.complete ?? false,
    classes: pool?.classes ?? [],
    maintenance: parts.maintenance.find((it) => isOf(it, name) && it.from <= now && now < it.until),
  };
  return healthOf(facts, parts.say);
};

const isOf = ({ kmsHost }: Maintenance, name: string): boolean => kmsHost === name || kmsHost === name.split(".")[0];

const keysOf = (host: KmsHostState, application: Application, views: readonly KeyView[]): HealthFacts["keys"] => {
  const { reading } = host;
  const labels = new Map(views.map((it) => [it.key, it.label]));
  return servingKeys(reading?.keys ?? [])
    .filter((it) => it.application === application)
    .map((key) => {
      const { deadline } = key.status ? deadlineOf(key.status, key.minutesLeft, reading!.at) : {};
      return { ...key, label: labels.get(key) ?? "", deadline };
    });
};

/** By these answers a host says that it cannot activate anybody; the others are about the client or its product. */
const REFUSALS: Readonly<Partial<Record<Reason, string>>> = {
  host_not_activated: "0xC004F041 (the KMS host is not activated)",
  grace_expired: "0xC004F009 (the grace period has ended)",
  hardware_changed: "0xC004F00F (the hardware is out of tolerance)",
  not_genuine: "a code that calls it not genuine",
  key_blocked: "a code that calls its key blocked",
  limit_exceeded: "0xC004C008 (the host key has been activated too often)",
};

/** Refusals that no valid request has followed, and no reading of WMI that shows a licensed key for an hour. */
export const refusalOf = (
  { reading, pools }: KmsHostState,
  { application, pool }: PoolView,
  until: Instant,
): Refusal | undefined => {
  // Whatever is served speaks for an unknown product: it may belong to any family.
  const isFamily = (it: Application) => it === application || application === "unknown";
  const refused = Object.entries(REFUSALS).flatMap(([reason, code]) =>
    (pool.failures[reason as Reason] ?? []).map(([at, requests]) => ({ code, at, requests })),
  );
  const newest = refused.reduce<(typeof refused)[number] | undefined>((a, b) => (a && a.at >= b.at ? a : b), undefined);
  if (!newest || newest.at <= until - CLIENT_LIFETIME) return undefined;
  const isServed = Object.entries(pools).some(
    ([family, { simulation }]) =>
      isFamily(family as Application) && (simulation.ledger.entries[0]?.[1] ?? 0) >= newest.at + MINUTE,
  );
  if (isServed) return undefined;
  const licensed = servingKeys(reading?.keys ?? []).filter((it) => isFamily(it.application));
  const outweighed = licensed.length > 0 && licensed.every((it) => it.status === "licensed");
  if (outweighed && reading!.at > newest.at + HEALTH.refusalOutweighed) return undefined;
  const requests = refused.reduce((sum, it) => (it.at > newest.at - HOUR ? sum + it.requests : sum), 0);
  return { code: newest.code, requests, lastAt: newest.at };
};

/** The newest start that failed, unless the service has shown since that it runs: by a request, in DNS, or to a prober. */
const startFailedOf = (
  { startFailed, pools, domains }: KmsHostState,
  up: readonly Up[],
  name: string,
): HealthFacts["startFailed"] => {
  if (!startFailed) return undefined;
  const since = (at: Instant | undefined) => at !== undefined && at > startFailed.at;
  const hasRun =
    Object.values(pools).some((it) => since(it.lastRequest)) ||
    Object.values(domains).some((it) => since(it.at)) ||
    up.some((it) => it.kmsHost === name && it.up);
  return hasRun ? undefined : startFailed;
};

const knownUntilOf = ({ host, judgedAt }: HostView, pool: PoolView | undefined): Instant | undefined => {
  const times = [host.reading?.at, pool?.pool.reported?.at, pool?.told?.at, judgedAt].filter((it) => it !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
};
