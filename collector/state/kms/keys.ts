import { coverageBy, editionOf, type KeyGroup, keyGroupOf } from "../../../licensing/kms/key-groups.ts";
import { type KeyUse, withKeyReading } from "../../../licensing/kms/key-use.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import type { InstalledKey, KmsReading } from "../../../licensing/kms/reading.ts";
import { type Application, OTHER_PRODUCT, type Products } from "../../../licensing/products.ts";
import { dayOf, type Instant } from "../../../licensing/time.ts";
import type { Sums } from "../../store/sums.ts";

/** A client that the host refused because it cannot serve its product. */
export interface RefusedClient {
  readonly name: string;
  readonly activationId: string;
  readonly at: Instant;
}

/** What a KMS host's state says of its keys and of those whom they do not serve. */
export interface KeyedHost {
  /** From WMI on the host. */
  readonly reading?: { readonly keys: readonly InstalledKey[] };
  /** How it used its keys, by what is seen of each. */
  keys: Readonly<Record<string, KeyUse>>;
  /** Clients whose product it cannot serve, by machine ID and product, until they are served. */
  refused: Record<string, RefusedClient>;
}

export const KEYS_MAX = 20;

/** How the host's keys stand after a reading of its licenses, whenever it arrives. */
export const withReading = (
  known: KeyedHost["keys"],
  { keys, machineId }: KmsReading,
  at: Instant,
): KeyedHost["keys"] => {
  const licensed = new Map<string, boolean>();
  for (const { partialProductKey: key, status } of keys)
    if (status) licensed.set(key, licensed.get(key) || status === "licensed");
  const used = Object.entries(known);
  for (const [key, it] of licensed) {
    const place = used.findIndex(([name]) => name === key);
    used.splice(place < 0 ? used.length : place, 1, [key, withKeyReading(known[key], { licensed: it, machineId, at })]);
  }
  return Object.fromEntries(used.sort(([a, x], [b, y]) => y.at - x.at || (a < b ? -1 : 1)).slice(0, KEYS_MAX));
};

export interface KeyView {
  readonly key: InstalledKey;
  readonly group: KeyGroup | undefined;
  /** For people and as label: as the catalogue lists it, else its group. */
  readonly label: string;
  readonly use: KeyUse | undefined;
}

/** The keys that the host's newest reading shows. */
export const keyViews = ({ reading, keys }: KeyedHost, products: Products): KeyView[] =>
  (reading?.keys ?? []).map((key) => {
    const listed = products.label(key.activationId);
    const listedAs = listed === OTHER_PRODUCT ? undefined : listed;
    const group = keyGroupOf({ ...key, listedAs });
    return { key, group, label: listedAs ?? group?.name ?? OTHER_PRODUCT, use: keys[key.partialProductKey] };
  });

export const REFUSED_MAX = 500;

const refusedKey = (cmid: string, activationId: string): string => `${cmid} ${activationId}`;
/** The machine ID of a refused client. */
export const cmidOfRefused = (key: string): string => key.split(" ", 1)[0]!;

/** A refusal as unsupported; the newest of each client and product. */
export const recordRefusedClient = (refused: KeyedHost["refused"], cmid: string, client: RefusedClient): void => {
  const key = refusedKey(cmid, client.activationId);
  if ((refused[key]?.at ?? 0) > client.at) return;
  refused[key] = client;
};

/** The client is served after all. */
export const clearRefusedClient = (
  refused: KeyedHost["refused"],
  cmid: string,
  activationId: string,
  at: Instant,
): void => {
  const key = refusedKey(cmid, activationId);
  const known = refused[key];
  if (known !== undefined && at > known.at - CLIENT_LIFETIME) delete refused[key];
};

export interface AskedProduct {
  readonly application: Application;
  readonly product: string;
  /** Clients that no key of the host can activate: 0 where one can. */
  readonly uncovered: number;
}

/**
 * The products that were asked for within 30 days and are known to be covered or not. Clients that were served or told that
 * the count is too low are judged by the tables alone. One that was refused as unsupported counts also where the host has
 * shown no key for that product family: the host itself has said it. What neither tells is not counted.
 */
export const askedProducts = (
  asked: readonly { readonly product: string; readonly day: number; readonly clients: number }[],
  host: KeyedHost,
  keys: readonly KeyView[],
  { products, until }: { products: Products; until: Instant },
): AskedProduct[] => {
  const since = until - CLIENT_LIFETIME;
  const served = new Map<string, number>();
  for (const { product, day, clients } of asked)
    if (day >= dayOf(since)) served.set(product, (served.get(product) ?? 0) + clients);
  const refused = new Map<string, number>();
  for (const { activationId, at } of Object.values(host.refused)) {
    const product = products.label(activationId);
    if (at > since) refused.set(product, (refused.get(product) ?? 0) + 1);
  }
  const groups = keys.map(({ key, group }) => ({ application: key.application, group }));
  return [...new Set([...served.keys(), ...refused.keys()])].sort().flatMap((product) => {
    const application = products.applicationOf(product);
    const edition = application && editionOf(application, product);
    if (!edition) return [];
    const coverage = coverageBy(groups, application, edition);
    const refusals = refused.get(product) ?? 0;
    if (coverage === "covered") return [{ application, product, uncovered: 0 }];
    if (coverage === "uncovered") return [{ application, product, uncovered: (served.get(product) ?? 0) + refusals }];
    return coverage === "no_key" && refusals > 0 ? [{ application, product, uncovered: refusals }] : [];
  });
};

/** The sums of one group by KMS host, taken apart once for all hosts. */
export const askedByHost = (sums: Sums): Map<string, { product: string; day: number; clients: number }[]> => {
  const hosts = new Map<string, { product: string; day: number; clients: number }[]>();
  for (const { labels, sum } of sums.of("asked")) {
    const [kmsHost = "", product = "", day] = labels;
    const asked = hosts.get(kmsHost) ?? [];
    asked.push({ product, day: Number(day), clients: sum });
    hosts.set(kmsHost, asked);
  }
  return hosts;
};

/** How many KMS hosts show each key now. One that gave it up or is gone has used up an activation all the same. */
export const hostsByKey = (hosts: Iterable<{ readonly host: KeyedHost }>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { host } of hosts)
    for (const key of new Set(host.reading?.keys.map((it) => it.partialProductKey)))
      counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};
