import type { HeartbeatFact } from "../../licensing/facts.ts";
import { CLOCK_LIMIT } from "../../licensing/kms/client-clock.ts";
import { ACTIVATION_VALIDITY, renewalOverdueAt } from "../../licensing/kms/rules.ts";
import { deadlineOf, type License, primaryLicense, renewedAt, STATUSES } from "../../licensing/license.ts";
import type { Products } from "../../licensing/products.ts";
import { CHANGES } from "../../licensing/telemetry/label-values.ts";
import { type Instant, MINUTE } from "../../licensing/time.ts";
import { KINDS } from "../ingest/accepted-record.ts";
import { cleanLabel } from "../store/sums.ts";
import { type Attempts, NO_ATTEMPTS } from "./attempts.ts";
import type { KmsTargetAsked } from "./kms-targets.ts";

/** Everything known of one computer, as plain data. */
export interface ComputerState {
  /** What its own agent says. */
  zone?: string;
  os?: string;
  agentVersion?: string;
  licenses: readonly StoredLicense[];
  /** When the licenses were read through WMI; what an event says is newer or older than this. */
  licensesAt?: Instant;
  rearmsLeft?: number;
  /** The last activation or renewal that succeeded, and the interval after which the next one is due. */
  renewedAt?: Instant;
  renewalMinutes?: number;
  /** The newest activation told by an event, until a reading that is newer has told of it too. */
  activated?: { readonly activationId: string; readonly at: Instant };
  attempts: Attempts;
  target?: KmsTargetAsked;
  heartbeat?: Heartbeat;
}

export interface StoredLicense extends License {
  /** The name as label: from the catalogue, else `other`. */
  readonly product: string;
}

export interface Heartbeat {
  readonly at: Instant;
  readonly spooled: number;
  readonly oldestUnsent: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly gaps: number;
  readonly failing: readonly string[];
  readonly skewed: boolean;
}

export const newComputer = (): ComputerState => ({ licenses: [], attempts: NO_ATTEMPTS });

export { CHANGES };
export type Change = (typeof CHANGES)[number];

/**
 * Takes one reading of WMI.
 *
 * @returns what changed since the last one; undefined when this reading is not newer than the last: it has no effect then.
 */
export const recordLicenses = (
  computer: ComputerState,
  reading: {
    readonly licenses: readonly License[];
    readonly rearmsLeft: number | undefined;
    readonly observedAt: Instant;
    readonly products: Products;
  },
): Change[] | undefined => {
  const { licenses, rearmsLeft: rearms, observedAt, products } = reading;
  if (computer.licensesAt !== undefined && observedAt <= computer.licensesAt) return undefined;
  const before = primaryLicense(computer.licenses);
  const first = computer.licensesAt === undefined;
  const rearmed = rearms !== undefined && computer.rearmsLeft !== undefined && rearms < computer.rearmsLeft;
  computer.licensesAt = observedAt;
  const { activated } = computer;
  if (activated && activated.at < observedAt) delete computer.activated;
  const read = licenses.map((it) => ({ ...it, product: products.label(it.activationId) }));
  // A reading from before an activation that was told earlier, as a forwarder does, says nothing about it.
  const current = (it: StoredLicense) =>
    activated && activated.at >= observedAt && activated.activationId === it.activationId
      ? withActivation(it, activated.at)
      : it;
  computer.licenses = steady(computer.licenses, read.map(current));
  if (rearms !== undefined) computer.rearmsLeft = rearms;
  const now = primaryLicense(computer.licenses);
  const client = computer.licenses.find((it) => renewedAt(it) !== undefined);
  if (client) computer.renewedAt = Math.max(computer.renewedAt ?? 0, renewedAt(client)!);
  if (client?.renewalIntervalMinutes) computer.renewalMinutes = client.renewalIntervalMinutes;
  if (first || !before || !now) return rearmed ? ["rearmed"] : [];
  return [
    ...(now.status !== before.status && now.status === "notification" ? (["to_notification"] as const) : []),
    ...(now.status !== before.status && now.status === "licensed" ? (["to_licensed"] as const) : []),
    ...(now.channel !== before.channel ? (["channel_drift"] as const) : []),
    ...(rearmed ? (["rearmed"] as const) : []),
  ];
};

/**
 * What is as it was stays the very same value, so that an unchanged report changes nothing else. WMI tells whole minutes, so
 * the deadline computed from them wavers by less than one from reading to reading: a known deadline stands until a reading
 * is a minute or more off it. It never strays further from what was read last.
 */
const steady = (known: readonly StoredLicense[], read: readonly StoredLicense[]): readonly StoredLicense[] => {
  const merged = read.map((it) => known.find((old) => old.activationId === it.activationId && isSame(old, it)) ?? it);
  return merged.length === known.length && merged.every((it, i) => it === known[i]) ? known : merged;
};

const isSame = (a: StoredLicense, b: StoredLicense): boolean => {
  for (const key of LICENSE_KEYS)
    if (a[key] !== b[key] && !(key === "deadline" && Math.abs(a[key]! - b[key]!) < MINUTE)) return false;
  return true;
};
/** Every field of a license, by a record that a new field would make incomplete. */
const LICENSE_KEYS = Object.keys({
  activationId: 0,
  application: 0,
  name: 0,
  product: 0,
  channel: 0,
  status: 0,
  reason: 0,
  deadline: 0,
  deadlineKind: 0,
  partialProductKey: 0,
  addon: 0,
  kmsHost: 0,
  genuine: 0,
  renewalIntervalMinutes: 0,
} satisfies Record<keyof StoredLicense, 0>) as (keyof StoredLicense)[];

/** 12289 with `activated`: 180 days from then, unless WMI has told something newer (rule 9). */
export const recordActivation = (
  computer: ComputerState,
  {
    activationId,
    at,
    renewalMinutes,
    products,
  }: { activationId: string | undefined; at: Instant; renewalMinutes: number | undefined; products: Products },
): void => {
  computer.renewedAt = Math.max(computer.renewedAt ?? 0, at);
  if (renewalMinutes) computer.renewalMinutes = renewalMinutes;
  if (!activationId || (computer.licensesAt ?? 0) > at) return;
  if (at > (computer.activated?.at ?? 0)) computer.activated = { activationId, at };
  putLicense(computer, activationId, products, (known) => withActivation(known, at));
};

const withActivation = (known: StoredLicense, at: Instant): StoredLicense => {
  const deadline = at + ACTIVATION_VALIDITY;
  return known.status === "licensed" && (known.deadline ?? 0) > deadline
    ? known
    : { ...known, status: "licensed", deadline, deadlineKind: "validity" };
};

/** 12288 describes the state before that request; it counts where no WMI is read (an OpenTelemetry Collector's host). */
export const recordStateBefore = (
  computer: ComputerState,
  {
    activationId,
    status,
    minutes,
    at,
    products,
  }: {
    activationId: string | undefined;
    status: number | undefined;
    minutes: number | undefined;
    at: Instant;
    products: Products;
  },
): void => {
  const name = STATUSES[status ?? -1];
  if (!activationId || !name || computer.licensesAt !== undefined || (computer.renewedAt ?? 0) >= at) return;
  putLicense(computer, activationId, products, ({ deadline: _, deadlineKind: __, ...known }) => ({
    ...known,
    status: name,
    ...deadlineOf(name, minutes, at),
  }));
};

const EVENT_LICENSES_MAX = 10;

const putLicense = (
  computer: ComputerState,
  activationId: string,
  products: Products,
  change: (known: StoredLicense) => StoredLicense,
): void => {
  const index = computer.licenses.findIndex((it) => it.activationId === activationId);
  const known = computer.licenses[index];
  if (known) computer.licenses = computer.licenses.with(index, change(known));
  // Where WMI is read it knows every license; an event of another one is history.
  else if (computer.licensesAt === undefined && computer.licenses.length < EVENT_LICENSES_MAX)
    computer.licenses = [...computer.licenses, change(fromEvent(activationId, products))];
};

const fromEvent = (activationId: string, products: Products): StoredLicense => {
  const product = products.find(activationId);
  return {
    activationId,
    application: product?.application ?? "unknown",
    name: product?.name ?? activationId,
    product: products.label(activationId),
    channel: "kms_client",
    status: "unlicensed",
    addon: false,
  };
};

export interface AgentDeltas {
  readonly dropped: readonly (readonly [kind: string, count: number])[];
  readonly gaps: number;
}

/** @returns what grew since the last heartbeat; undefined when this one is not newer. */
export const recordAgentHeartbeat = (
  computer: ComputerState,
  fact: HeartbeatFact,
  { at, receivedAt, sentAt }: { at: Instant; receivedAt: Instant; sentAt: Instant | undefined },
): AgentDeltas | undefined => {
  const before = computer.heartbeat;
  if (before && at <= before.at) return undefined;
  const gaps = Object.values(fact.channels).reduce((sum, it) => sum + (it.gaps ?? 0), 0);
  const dropped = droppedByKind(fact);
  computer.heartbeat = {
    at,
    spooled: fact.spooledRecords,
    oldestUnsent: fact.oldestUnsentSeconds,
    dropped,
    gaps,
    failing: Object.entries(fact.failingSources)
      .flatMap(([source, it]) => (it > 0 ? [cleanLabel(source).slice(0, 40)] : []))
      .slice(0, 20),
    skewed: isSkewed(fact, sentAt, receivedAt),
  };
  // Counters since the agent's start: one that fell has begun anew.
  const grown = (now: number, was: number | undefined) => (was === undefined || now < was ? now : now - was);
  return {
    dropped: Object.entries(dropped).map(([kind, it]) => [kind, grown(it, before?.dropped[kind])]),
    gaps: before ? grown(gaps, before.gaps) : 0,
  };
};

/** An agent names kinds of records; what else a sender may name is one more, so that it makes no series of its own. */
const droppedByKind = ({ droppedRecords }: HeartbeatFact): Record<string, number> => {
  const dropped: Record<string, number> = {};
  for (const [name, count] of Object.entries(droppedRecords)) {
    const kind = KINDS.find((it) => it === name) ?? "other";
    dropped[kind] = (dropped[kind] ?? 0) + count;
  }
  return dropped;
};

/** More than an hour off. A backlog makes the sending look old, so an old time counts only from an agent without one. */
const isSkewed = (fact: HeartbeatFact, sentAt: Instant | undefined, receivedAt: Instant): boolean => {
  if (sentAt === undefined) return false;
  if (sentAt > receivedAt + CLOCK_LIMIT) return true;
  return sentAt < receivedAt - CLOCK_LIMIT && fact.spooledRecords <= 10 && fact.oldestUnsentSeconds < 600;
};

/** When the renewal of a KMS client counts as overdue; undefined where none is expected. */
export const overdueAt = (computer: ComputerState): Instant | undefined =>
  computer.renewedAt !== undefined && computer.licenses.some((it) => it.channel === "kms_client" && !it.addon)
    ? renewalOverdueAt(computer.renewedAt, computer.renewalMinutes)
    : undefined;
