import { DAY, HOUR, type Instant, MINUTE } from "../../licensing/time.ts";

/** A simulated computer. Everything about it follows from the seed and its number, so a fleet of any size needs no memory. */
export interface SimulatedComputer {
  readonly index: number;
  readonly host: string;
  readonly zone: string;
  readonly kmsHost: string | undefined;
  readonly cmid: string;
  readonly role: "client" | "server" | "mak";
  /** Renews at these moments of its week. */
  readonly phase: number;
  /** It renewed last this long ago and has not been seen at its KMS host since: a laptop in a drawer. */
  readonly vanishedFor: number | undefined;
  /** It does not report either; others are merely away from their KMS host. */
  readonly silent: boolean;
  /** Its clock is wrong by this. */
  readonly skew: number;
  readonly office: boolean;
}

export const WEEK = 7 * DAY;
export const DOMAIN = "contoso.com";
export const KMS_HOSTS = {
  core1: `kms01.${DOMAIN}`,
  core2: `kms02.${DOMAIN}`,
  branch: `kms-osaka.${DOMAIN}`,
  lab: `kms-lab7.${DOMAIN}`,
} as const;
export const ZONES = { core: "core", branch: "osaka", lab: "lab-7", dmz: "dmz" } as const;
export const zoneOfHost = (host: string): string =>
  host === KMS_HOSTS.branch ? ZONES.branch : host === KMS_HOSTS.lab ? ZONES.lab : ZONES.core;

/** A number from 0 to 1 that belongs to a seed and some names (FNV-1a, mixed). */
export const dice = (seed: number, ...parts: readonly (string | number)[]): number => {
  let hash = 2_166_136_261 ^ seed;
  for (const char of parts.join("/")) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
};

const hex = (seed: number, length: number, ...parts: readonly (string | number)[]): string =>
  Array.from({ length }, (_, i) => Math.floor(dice(seed, ...parts, i) * 16).toString(16)).join("");
const guidFor = (seed: number, ...parts: readonly (string | number)[]): string =>
  [8, 4, 4, 4, 12].map((length, i) => hex(seed, length, ...parts, i)).join("-");

/** So many of each hundred stand in the branch and in the lab; the first ones do, so that a small fleet has all kinds. */
const PLACES: readonly (readonly [below: number, place: keyof typeof ZONES])[] = [
  [0.14, "branch"],
  [0.23, "lab"],
  [0.3, "dmz"],
  [1, "core"],
];

export const computerAt = (seed: number, index: number): SimulatedComputer => {
  const roll = (what: string): number => dice(seed, index, what);
  const place = PLACES.find(([below]) => (index % 100) / 100 < below)![1];
  const server = roll("server") < 0.15;
  const name = place === "lab" ? "lab7" : server ? "srv" : roll("laptop") < 0.4 ? "nb" : "pc";
  const clone = place === "lab" && roll("clone") < 0.25;
  const vanished = name === "nb" && roll("vanished") < 0.12;
  return {
    index,
    host: `${name}-${String(index).padStart(5, "0")}.${DOMAIN}`,
    zone: ZONES[place],
    kmsHost: place === "dmz" ? undefined : hostFor(place, roll("host")),
    // Cloned without sysprep: a few lab machines share one machine ID.
    cmid: clone ? guidFor(seed, "clone", Math.floor(index / 300)) : guidFor(seed, index),
    role: place === "dmz" ? "mak" : server ? "server" : "client",
    phase: Math.floor(roll("phase") * WEEK),
    vanishedFor: vanished ? (20 + roll("for") * 185) * DAY : undefined,
    silent: vanished && roll("silent") < 0.4,
    skew: roll("skew") < 0.004 ? 3 * HOUR : 0,
    office: roll("office") < 0.6,
  };
};

const hostFor = (place: "branch" | "lab" | "core", roll: number): string =>
  place === "branch"
    ? KMS_HOSTS.branch
    : place === "lab"
      ? KMS_HOSTS.lab
      : roll < 0.6
        ? KMS_HOSTS.core1
        : KMS_HOSTS.core2;

/** When it renewed last, as of `at`. */
export const lastRenewal = ({ phase, vanishedFor }: SimulatedComputer, at: Instant, now: Instant): Instant => {
  const end = vanishedFor === undefined ? at : Math.min(at, now - vanishedFor);
  return end - ((((end - phase) % WEEK) + WEEK) % WEEK);
};

/** Its renewals within [from, until), oldest first. */
export const renewalsOf = (computer: SimulatedComputer, from: Instant, until: Instant, now: Instant): Instant[] => {
  const renewals: Instant[] = [];
  for (let at = lastRenewal(computer, until - MINUTE / 60, now); at >= from; at -= WEEK) renewals.push(at);
  return renewals.reverse();
};
