import { STATUSES_WITH_DEADLINE } from "../../licensing/license.ts";
import { REASONS } from "../../licensing/reasons.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { OTHER_WAYS } from "../../licensing/telemetry/label-values.ts";
import {
  fleetMetrics as F,
  type Metric,
  pipelineMetrics as P,
  WITHIN_DAYS,
} from "../../licensing/telemetry/metrics.ts";
import { DAY, type Instant } from "../../licensing/time.ts";
import { KINDS } from "../ingest/accepted-record.ts";
import { OUTCOMES } from "../state/attempts.ts";
import { skewedClients } from "../state/client-clocks.ts";
import { WITHOUT_AGENT } from "../state/contributions.ts";
import { clientsKnown } from "../state/kms/host-state.ts";
import { CHANGES } from "../state/license-history.ts";
import type { Memory } from "../state/memory.ts";
import { notificationSamples } from "../state/notifications.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { Reader } from "../store/store.ts";
import { type Sums, sumKey, sumParts } from "../store/sums.ts";
import { type AgentlessZone, agentlessByZone, deadlinesWithin } from "../summary/agentless-counts.ts";
import { computersByAge, type HourlyCounts, hourlyCounts, type ZoneSettings } from "../summary/computer-counts.ts";

export interface FleetSettings extends ZoneSettings {
  readonly hostSeriesLimit: number;
  readonly mak: readonly MakBudget[];
}

/** What was bought with a MAK, and what was left of it on a day, as the administrator copied it from the portal. */
interface MakBudget {
  readonly partialProductKey: string;
  readonly allowance: number;
  readonly remaining?: number | undefined;
  readonly remainingAsOf?: string | undefined;
}

export const fleetSamples = async (
  memory: Memory,
  reader: Reader,
  settings: FleetSettings,
  now: Instant,
): Promise<Sample[]> => {
  const { sums } = memory;
  const samples: Sample[] = [];
  const add = (metric: Metric, value: number, ...labels: string[]): void => {
    samples.push({ metric, labels, value });
  };
  const seen = hourlyCounts(sums, reader, "seen");
  const skewed = await skewedByZone(memory, reader, now);
  const byZone = (group: string) => new Map([...sums.of(group)].map(({ labels: [zone], sum }) => [zone!, sum]));
  const [retired, agentless] = [byZone("retired"), byZone("agentless")];
  const unmanaged = await agentlessByZone(memory, reader, now);
  const named = settings.zones.map((it) => it.name);
  const zones = [
    ...new Set([
      ...named,
      ...seen.byGroup.keys(),
      ...retired.keys(),
      ...agentless.keys(),
      ...unmanaged.keys(),
      ...skewed.keys(),
    ]),
  ].sort();
  for (const { name, kind } of settings.zones) add(F.zoneInfo, 1, name, kind);
  await computerSamples({ seen, retired, agentless, unmanaged }, zones, settings, now, add);
  await deadlineSamples(hourlyCounts(sums, reader, "deadline"), unmanaged, zones, now, add);
  const overdue = await hourlyCounts(sums, reader, "overdue").before(now);
  for (const zone of zones) {
    add(F.renewalsOverdue, (overdue.get(zone) ?? 0) + (unmanaged.get(zone)?.overdue ?? 0), zone);
    add(F.clockSkewed, sums.get(sumKey("skewed", zone)) + (skewed.get(zone) ?? 0), zone);
    for (const it of OUTCOMES) add(F.attempts, sums.get(sumKey("attempts", zone, it)), zone, it);
    for (const way of OTHER_WAYS)
      for (const it of OUTCOMES)
        add(F.channelAttempts, sums.get(sumKey("channel_attempts", zone, way, it)), zone, way, it);
    for (const it of REASONS) add(F.failures, sums.get(sumKey("failures", zone, it)), zone, it);
    for (const it of CHANGES) add(F.licenseChanges, sums.get(sumKey("changes", zone, it)), zone, it);
    add(P.spooledRecords, sums.get(sumKey("spooled", zone)), zone);
    add(P.eventGaps, sums.get(sumKey("gaps", zone)), zone);
  }
  const each = (group: string, metric: Metric) => {
    for (const { labels, sum } of sums.of(group)) add(metric, sum, ...labels);
  };
  licenseSamples(sums, unmanaged, add);
  each("genuine", F.genuineComputers);
  each("rearms", F.rearmComputers);
  samples.push(...notificationSamples(sums, zones, now));
  makSamples(sums, settings.mak, add);
  droppedSamples(sums, zones, add);
  failingSamples(sums, add);
  for (const zone of zones) add(P.oldestUnsent, longest(sums, zone), zone);
  await soonest(reader, settings.hostSeriesLimit, now, add);
  return samples;
};

type Add = (metric: Metric, value: number, ...labels: string[]) => void;

/** By zone: of computers without an agent that other facts name, and of those that KMS hosts' logs alone name. */
interface Sources {
  readonly seen: HourlyCounts;
  readonly retired: ReadonlyMap<string, number>;
  readonly agentless: ReadonlyMap<string, number>;
  readonly unmanaged: ReadonlyMap<string, AgentlessZone>;
}

const computerSamples = async (
  { seen, retired, agentless, unmanaged }: Sources,
  zones: readonly string[],
  { staleAfter }: FleetSettings,
  now: Instant,
  add: Add,
): Promise<void> => {
  const byAge = await computersByAge(seen, staleAfter, now);
  for (const zone of zones) {
    const { total, silent } = byAge(zone);
    const others = unmanaged.get(zone);
    add(F.computers, total - silent, zone, "reporting", "agent");
    add(F.computers, silent, zone, "stale", "agent");
    add(F.computers, retired.get(zone) ?? 0, zone, "retired", "agent");
    add(F.computers, (agentless.get(zone) ?? 0) + (others?.computers ?? 0), zone, "reporting", "kms");
    add(F.computers, others?.retired ?? 0, zone, "retired", "kms");
  }
};

/** Installed licenses, and those that a KMS host's log tells of. */
const licenseSamples = (sums: Sums, unmanaged: Sources["unmanaged"], add: Add): void => {
  const counts = new Map<string, number>();
  const count = (labels: readonly string[], by: number) => {
    const key = sumKey(...labels);
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  for (const { labels, sum } of sums.of("licenses")) count(labels, sum);
  for (const [zone, { licensed, refused }] of unmanaged) {
    for (const [product, sum] of licensed) count([zone, product, "kms_client", "licensed"], sum);
    for (const row of refused)
      for (const it of computerOf(row.state).licenses)
        if (it.reason !== undefined) count([zone, it.product, "kms_client", it.status], 1);
  }
  for (const [key, sum] of counts) if (sum !== 0) add(F.licenses, sum, ...sumParts(key));
};

const deadlineSamples = async (
  deadlines: HourlyCounts,
  unmanaged: Sources["unmanaged"],
  zones: readonly string[],
  now: Instant,
  add: Add,
): Promise<void> => {
  const passed = await deadlines.before(now);
  const groups = zones.flatMap((zone) => STATUSES_WITH_DEADLINE.map((status) => [zone, status] as const));
  for (const [zone, status] of groups) {
    const key = `${zone} ${status}`;
    add(F.deadlinesPassed, (passed.get(key) ?? 0) + (passed.get(key + WITHOUT_AGENT) ?? 0), zone, status);
  }
  for (const days of WITHIN_DAYS) {
    const until = await deadlines.before(now + days * DAY);
    const others = new Map([...unmanaged].map(([zone, it]) => [zone, deadlinesWithin(it, now, days)]));
    for (const [zone, status] of groups) {
      const key = `${zone} ${status}`;
      const ahead = (of: string) => (until.get(of) ?? 0) - (passed.get(of) ?? 0);
      add(F.deadlines, ahead(key), zone, status, `${days}d`, "agent");
      const known = others.get(zone)?.get(status) ?? 0;
      add(F.deadlines, ahead(key + WITHOUT_AGENT) + known, zone, status, `${days}d`, "kms");
    }
  }
};

/** A configured key has its series even while no computer uses it. */
const makSamples = (sums: Sums, budgets: readonly MakBudget[], add: Add): void => {
  const computers = new Map(budgets.map((it) => [it.partialProductKey, 0]));
  const others = [...sums.of("mak")].filter(({ labels: [key], sum }) => {
    if (computers.has(key!)) computers.set(key!, sum);
    return !computers.has(key!);
  });
  for (const { labels, sum } of most(others, MAK_KEYS_MAX)) computers.set(labels[0]!, sum);
  for (const [key, count] of computers) add(F.makComputers, count, key);
  for (const { partialProductKey: key, allowance, remaining, remainingAsOf: day } of budgets) {
    add(F.makAllowance, allowance, key);
    if (remaining === undefined || day === undefined) continue;
    add(F.makRemaining, remaining, key);
    add(F.makRemainingAsOf, Date.parse(day) / 1_000, key);
  }
};

/** What a sender may name freely has so many series; the rest of it is counted together, as `other`. */
const MAK_KEYS_MAX = 100;
const FAILING_MAX = 500;
interface LabelledSum {
  readonly labels: readonly string[];
  readonly sum: number;
}
const most = (sums: readonly LabelledSum[], limit: number): LabelledSum[] => {
  if (sums.length <= limit) return [...sums];
  const sorted = sums.toSorted((a, b) => b.sum - a.sum || (a.labels.join() < b.labels.join() ? -1 : 1));
  const rest = new Map<string, LabelledSum>();
  for (const { labels, sum } of sorted.slice(limit)) {
    const other = [...labels.slice(0, -1), "other"];
    rest.set(other.join(), { labels: other, sum: sum + (rest.get(other.join())?.sum ?? 0) });
  }
  return [...sorted.slice(0, limit), ...rest.values()];
};

const failingSamples = (sums: Sums, add: Add): void => {
  for (const { labels, sum } of most([...sums.of("failing")], FAILING_MAX)) add(P.failingSources, sum, ...labels);
};

/** Clients whose clock differs from their KMS host's and that have no agent of their own; each once, whichever host it asked. */
const skewedByZone = async ({ hosts, zoneOf }: Memory, reader: Reader, now: Instant): Promise<Map<string, number>> => {
  const clients = new Map<string, string>();
  for (const host of hosts.values())
    for (const [cmid, { name }] of skewedClients(host.clocks, clientsKnown(host, now), now))
      clients.set(name || cmid, name);
  const known = await reader.computersByKey([...clients.values()]);
  const zones = new Map<string, number>();
  for (const name of clients.values()) {
    const row = known.get(name);
    const state = row && computerOf(row.state);
    // A computer with an agent is judged by its own clock.
    if (state?.heartbeat) continue;
    const key = zoneOf(name, state);
    zones.set(key, (zones.get(key) ?? 0) + 1);
  }
  return zones;
};

/** Every kind from 0 on, so that the first loss is a rise. */
const droppedSamples = (sums: Sums, zones: readonly string[], add: Add): void => {
  const counts = new Map(zones.flatMap((zone) => KINDS.map((kind) => [sumKey("dropped", zone, kind), 0])));
  for (const { labels, sum } of sums.of("dropped")) counts.set(sumKey("dropped", ...labels), sum);
  for (const [key, sum] of counts) add(P.droppedRecords, sum, ...sumParts(key).slice(1));
};

const SOON = 30 * DAY;

const soonest = async (reader: Reader, limit: number, now: Instant, add: Add): Promise<void> => {
  for (const it of await reader.computersByDeadline({ from: now, until: now + SOON, limit }))
    add(F.computerDeadline, it.deadline / 1_000, it.key, it.zone, it.product, it.status);
};

const longest = (sums: Sums, zone: string): number => {
  let most = 0;
  for (const { labels } of sums.of("unsent")) if (labels[0] === zone) most = Math.max(most, Number(labels[1]));
  return most;
};
