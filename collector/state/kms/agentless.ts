import { type NewestRequest, requestsInUse } from "../../../licensing/kms/agentless.ts";
import type { ProductClass } from "../../../licensing/kms/rules.ts";
import { nameKey } from "../../../licensing/names.ts";
import { APPLICATIONS, type Application, OTHER_PRODUCT, type Products } from "../../../licensing/products.ts";
import type { Retirement } from "../../../licensing/retirement.ts";
import { DAY, dayOf, HOUR, hourOf, type Instant } from "../../../licensing/time.ts";
import { UNASSIGNED } from "../../../licensing/zones.ts";
import type { KmsClientRow } from "../../store/store.ts";
import { type Contribution, sumKey } from "../../store/sums.ts";
import type { KmsClientState } from "./client.ts";

/** One client machine ID at one KMS host as its row tells it, for the computer that it is a part of. */
export interface ClientPart extends NewestRequest {
  readonly computer: string;
  readonly isServer: boolean;
  readonly own: boolean;
  readonly coarse: boolean;
}

export const clientPart = (
  { key, kmsHost, pool, lastAt, computer }: Omit<KmsClientRow, "state">,
  { activationId, status, minutes, server, own, coarse }: KmsClientState,
): ClientPart => ({
  cmid: key,
  kmsHost,
  application: pool as Application,
  activationId,
  at: lastAt,
  status,
  minutes,
  tooFew: false,
  computer,
  isServer: server === true,
  own: own === true,
  coarse: coarse === true,
});

/** The name of the computer that asks, by the newest name of its client machine ID; empty for what is no name. */
export const computerNamed = (runs: KmsClientState["runs"]): string => nameKey(runs.at(-1)?.[0] ?? "") ?? "";

/** What the contributions of computers without an agent go by: the configuration. */
export interface AgentlessRules {
  readonly products: Products;
  readonly retirement: Pick<Retirement, "silenceOf">;
  /** By the configuration's name patterns alone. */
  readonly zoneOf: (computer: string) => string;
}

/** The families in the order in which one speaks for the computer. */
const speaking = <R extends NewestRequest>(inUse: readonly R[]): R =>
  inUse.length === 1
    ? inUse[0]!
    : inUse.toSorted((a, b) => APPLICATIONS.indexOf(a.application) - APPLICATIONS.indexOf(b.application))[0]!;

/** What stands before the hour in the one sum of a computer that has one client and is counted exactly. */
export const aloneLabels = (
  {
    kmsHost,
    pool,
    computer,
    state,
  }: Omit<KmsClientRow, "state" | "key" | "lastAt"> & { readonly state: KmsClientState },
  { products, retirement, zoneOf }: AgentlessRules,
): string => {
  const zone = zoneOf(computer);
  const productClass = classOfPart({ application: pool as Application, isServer: state.server === true });
  const product = state.activationId === undefined ? OTHER_PRODUCT : products.label(state.activationId);
  const place = zone === UNASSIGNED ? "" : zone;
  return sumKey("kms_computers", retirement.silenceOf(computer), place, kmsHost, productClass, product, "");
};

const classOfPart = ({ application, isServer }: Pick<ClientPart, "application" | "isServer">): ProductClass =>
  application === "office" || application === "office2010" ? application : isServer ? "server" : "client";

/**
 * What the clients of one name add to the figures as one computer without an agent (docs/counting-rules.md, "Computers without
 * an agent"): where it asked, what it runs and when; deadlines and states follow from that when they are read. Nothing where
 * its own facts make it known. A computer's zone may be that of its KMS host, which can change: so the host is a label.
 * Pure: an audit recomputes every sum from it.
 */
export const agentlessContributions = (
  parts: readonly ClientPart[],
  { products, retirement, zoneOf }: AgentlessRules,
): Contribution[] => {
  const name = parts[0]?.computer;
  if (!name || parts.some((it) => it.own)) return [];
  const coarse = parts.some((it) => it.coarse);
  const hour = (at: Instant) => (coarse ? dayOf(at) * (DAY / HOUR) : hourOf(at));
  const label = ({ activationId }: ClientPart) =>
    coarse || activationId === undefined ? OTHER_PRODUCT : products.label(activationId);
  const inUse = requestsInUse(parts);
  const newest = inUse[0]!;
  const first = speaking(inUse);
  const zone = zoneOf(name);
  const place = [retirement.silenceOf(name), zone === UNASSIGNED ? "" : zone, newest.kmsHost];
  const all: Contribution[] = [
    [sumKey("kms_computers", ...place, classOfPart(first), label(first), hour(newest.at)), 1],
  ];
  if (inUse.length === 1) return all;
  const oldest = inUse.at(-1)!;
  for (const it of inUse) if (it !== first) all.push([sumKey("kms_licenses", ...place, label(it), hour(newest.at)), 1]);
  if (hour(oldest.at) !== hour(newest.at))
    all.push([sumKey("kms_due", ...place, hour(oldest.at)), 1], [sumKey("kms_due", ...place, hour(newest.at)), -1]);
  return all;
};
