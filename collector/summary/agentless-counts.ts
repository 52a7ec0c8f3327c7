import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { ACTIVATION_VALIDITY, type ProductClass, renewalOverdueAt } from "../../licensing/kms/rules.ts";
import { DAY, HOUR, hourOf, type Instant } from "../../licensing/time.ts";
import { renewalMinutes } from "../state/kms/host.ts";
import type { Memory } from "../state/memory.ts";
import type { ComputerRow, Reader } from "../store/store.ts";
import type { AgentlessComputer } from "./agentless.ts";
import { refusedByCount } from "./all-computers.ts";

/** Computers of one zone that have no agent, by what their KMS hosts' logs tell (docs/counting-rules.md). */
export interface AgentlessZone {
  /** Those that asked within 30 days. */
  computers: number;
  /** Those that asked before, as long as their KMS host's log is kept. */
  retired: number;
  servers: number;
  overdue: number;
  /** By product. */
  readonly licensed: Map<string, number>;
  readonly classes: Map<ProductClass, number>;
  /** Those whose newest request found the count too low: each as it is. */
  readonly refused: ComputerRow[];
  /** Of the others: by the hour in which their validity ends. */
  readonly deadlines: Map<number, number>;
}

const newZone = (): AgentlessZone => ({
  computers: 0,
  retired: 0,
  servers: 0,
  overdue: 0,
  licensed: new Map(),
  classes: new Map(),
  refused: [],
  deadlines: new Map(),
});

const add = <K>(counts: Map<K, number>, key: K, by: number): void => {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
};

/**
 * Counts them, by whole hours. Sums hold every one as activated by its newest request; the few that found the count too low
 * are read and counted as what they are.
 */
export const agentlessByZone = async (
  memory: Memory,
  reader: Reader,
  now: Instant,
): Promise<ReadonlyMap<string, AgentlessZone>> => {
  const zones = new Map<string, AgentlessZone>();
  const ofPlace = places(memory, zones, now);
  for (const { labels, sums } of memory.sums.numbered("kms_computers")) {
    const [silence, zone, host, productClass, product] = labels as [string, string, string, ProductClass, string];
    const place = ofPlace(silence, zone, host);
    for (const [hour, sum] of sums) {
      if (!place.isPresent(hour)) {
        place.counts.retired += sum;
        continue;
      }
      place.counts.computers += sum;
      add(place.counts.licensed, product, sum);
      add(place.counts.classes, productClass, sum);
      if (productClass === "server") place.counts.servers += sum;
      place.addDue(hour, sum);
    }
  }
  for (const { labels, sums } of memory.sums.numbered("kms_licenses")) {
    const [silence, zone, host, product] = labels as [string, string, string, string];
    const place = ofPlace(silence, zone, host);
    for (const [hour, sum] of sums) if (place.isPresent(hour)) add(place.counts.licensed, product, sum);
  }
  for (const { labels, sums } of memory.sums.numbered("kms_due")) {
    const [silence, zone, host] = labels as [string, string, string];
    const place = ofPlace(silence, zone, host);
    for (const [hour, sum] of sums) if (hour > hourOf(now - CLIENT_LIFETIME)) place.addDue(hour, sum);
  }
  for (const it of await refusedByCount(reader, memory, now)) {
    const zone = zones.get(it.row.zone);
    if (zone) correct(it, zone, memory, now);
  }
  return zones;
};

interface Place {
  readonly counts: AgentlessZone;
  readonly isPresent: (hour: number) => boolean;
  readonly addDue: (hour: number, count: number) => void;
}

/** Where computers are counted that have the same configured zone and asked the same KMS host. */
const places = (memory: Memory, zones: Map<string, AgentlessZone>, now: Instant) => {
  const known = new Map<string, Place>();
  return (silence: string, zone: string, host: string): Place => {
    const key = `${silence} ${zone} ${host}`;
    const place = known.get(key) ?? newPlace(memory, zones, { silence: Number(silence), zone, host, now });
    known.set(key, place);
    return place;
  };
};

const newPlace = (
  memory: Memory,
  zones: Map<string, AgentlessZone>,
  { silence, zone, host, now }: { silence: number; zone: string; host: string; now: Instant },
): Place => {
  const state = memory.hosts.get(host);
  const name = zone || memory.zoneOf(host, state);
  const counts = zones.get(name) ?? newZone();
  zones.set(name, counts);
  const first = hourOf(now - Math.min(CLIENT_LIFETIME, silence));
  const interval = intervalOf(memory, host);
  return {
    counts,
    isPresent: (hour) => silence > 0 && hour > first,
    addDue: (hour, count) => addDue(counts, hour, count, { interval, now }),
  };
};

const intervalOf = ({ hosts }: Memory, host: string): number | undefined => {
  const state = hosts.get(host);
  return state && renewalMinutes(state);
};

/** Those whose oldest product asked last in this hour. */
const addDue = (
  zone: AgentlessZone,
  hour: number,
  count: number,
  { interval, now }: { readonly interval: number | undefined; readonly now: Instant },
): void => {
  if (renewalOverdueAt((hour + 1) * HOUR, interval) <= now) zone.overdue += count;
  add(zone.deadlines, hour + ACTIVATION_VALIDITY / HOUR, count);
};

/** One that found the count too low is none of those that sums count as activated. */
const correct = ({ row, inUse }: AgentlessComputer, zone: AgentlessZone, memory: Memory, now: Instant): void => {
  for (const it of inUse) if (it.tooFew) add(zone.licensed, memory.products.label(it.activationId ?? ""), -1);
  const oldest = inUse.at(-1)!;
  addDue(zone, hourOf(oldest.at), -1, { interval: intervalOf(memory, inUse[0]!.kmsHost), now });
  if (row.overdueAt !== null && row.overdueAt <= now) zone.overdue += 1;
  zone.refused.push(row);
};

/** Within so many days ahead, by status: what the metric of deadlines shows. */
export const deadlinesWithin = (zone: AgentlessZone, now: Instant, days: number): Map<string, number> => {
  const counts = new Map<string, number>();
  const until = now + days * DAY;
  let licensed = 0;
  for (const [hour, count] of zone.deadlines) if (hour * HOUR < until) licensed += count;
  if (licensed > 0) counts.set("licensed", licensed);
  for (const { deadline, deadlineStatus } of zone.refused)
    if (deadline !== null && deadline >= now && deadline < until) add(counts, deadlineStatus!, 1);
  return counts;
};
