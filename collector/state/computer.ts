import type { Coverage } from "../../licensing/kms/coverage.ts";
import type { Instant } from "../../licensing/time.ts";
import type { AgentCounters, Heartbeat } from "./agent-heartbeat.ts";
import { type Attempts, NO_ATTEMPTS } from "./attempts.ts";
import type { CountedFailure } from "./failures.ts";
import type { FoldedGroup } from "./folded-sums.ts";
import type { KmsTargetAsked } from "./kms/targets.ts";
import type { LicenseState } from "./license-state.ts";
import type { IdsReported } from "./machine-ids.ts";

/**
 * Everything known of one computer, as plain data. It is a function of the set of facts: none of it depends on the order in
 * which they arrived (docs/counting-rules.md, "Order changes nothing").
 */
export interface ComputerState extends Identity, LicenseState, IdsReported {
  attempts: Attempts;
  /** The newest signs of failed attempts. */
  failures?: readonly CountedFailure[];
  /** Until when its Application log is known by its agent's heartbeats. */
  logUntil?: Instant;
  /** What its heartbeats say of a Key Management Service log, while it is not known to be a KMS host. */
  kmsLog?: Pick<Coverage, "spans" | "restartedAfter">;
  /** Its newest reading of WMI says that it is no KMS host, and nothing else has said that it was one. */
  noKmsHost?: true;
  target?: KmsTargetAsked;
  heartbeat?: Heartbeat;
  counters?: readonly AgentCounters[];
  /** Silent for too long, or named as retired: it adds to no figure (docs/counting-rules.md, "Retired means gone"). */
  retired?: true;
  /** Groups of sums in which it is counted more coarsely, because they have reached their bound. */
  folded?: readonly FoldedGroup[];
}

/** What its own agent says, and when it said so: one instant where it is the same for all of it, as it nearly always is. */
interface Identity {
  zone?: string;
  /** Its IP addresses, sorted and separated by spaces. */
  addresses?: string;
  os?: string;
  agentVersion?: string;
  saidAt?: Instant | Readonly<Partial<Record<IdentityKey, Instant>>>;
}
const IDENTITY = ["zone", "addresses", "os", "agentVersion"] as const;
type IdentityKey = (typeof IDENTITY)[number];

export const newComputer = (): ComputerState => ({ licenses: [], attempts: NO_ATTEMPTS });

/** Zone, addresses, system and version are those of the newest own fact that names them. Of one instant, the greater text counts. */
export const recordIdentity = (
  computer: Identity,
  said: { readonly [key in IdentityKey]?: string | undefined },
  at: Instant,
): void => {
  if (isSaidAnew(computer, said, at)) {
    const { zone, addresses, os, agentVersion } = said;
    if (zone !== undefined) computer.zone = zone;
    if (addresses !== undefined) computer.addresses = addresses;
    if (os !== undefined) computer.os = os;
    if (agentVersion !== undefined) computer.agentVersion = agentVersion;
    computer.saidAt = at;
    return;
  }
  const saidAt: Partial<Record<IdentityKey, Instant>> = {};
  for (const key of IDENTITY) {
    const known = saidAtOf(computer, key);
    const value = said[key];
    const isNewer =
      value !== undefined && (known === undefined || at > known || (at === known && value > computer[key]!));
    if (isNewer) computer[key] = value;
    const instant = isNewer ? at : known;
    if (instant !== undefined) saidAt[key] = instant;
  }
  const [first, ...others] = new Set(Object.values(saidAt));
  if (first !== undefined) computer.saidAt = others.length === 0 ? first : saidAt;
};

/** Nearly always so: nothing was said before, or all of it is said again, later than all that is known. */
const isSaidAnew = (
  computer: Identity,
  said: { readonly [key in IdentityKey]?: string | undefined },
  at: Instant,
): boolean => {
  if (computer.saidAt === undefined) return IDENTITY.some((it) => said[it] !== undefined);
  if (typeof computer.saidAt !== "number" || at <= computer.saidAt) return false;
  return (
    (said.zone !== undefined || computer.zone === undefined) &&
    (said.addresses !== undefined || computer.addresses === undefined) &&
    (said.os !== undefined || computer.os === undefined) &&
    (said.agentVersion !== undefined || computer.agentVersion === undefined)
  );
};

/** Forgets when things were said that lie in the future, by a clock that was wrong: what comes now is newer. */
export const forgetFuture = (computer: ComputerState, now: Instant): void => {
  const isFuture = (at: Instant | undefined) => at !== undefined && at > now;
  if (isFuture(computer.licensesAt)) computer.licensesAt = 0;
  if (isFuture(computer.rearmsAt)) delete computer.rearmsAt;
  if (isFuture(computer.logUntil)) delete computer.logUntil;
  if (isFuture(computer.target?.at)) delete computer.target;
  if (isFuture(computer.heartbeat?.at)) delete computer.heartbeat;
  if (isFuture(computer.renewedAt)) delete computer.renewedAt;
  if (computer.counters?.some((it) => it.at > now)) computer.counters = computer.counters.filter((it) => it.at <= now);
  if (computer.history) computer.history = computer.history.filter((it) => !isFuture(it.at(-1) as Instant));
  delete computer.saidAt;
};

const saidAtOf = (computer: Identity, key: IdentityKey): Instant | undefined => {
  if (computer[key] === undefined) return undefined;
  return typeof computer.saidAt === "number" ? computer.saidAt : computer.saidAt?.[key];
};
