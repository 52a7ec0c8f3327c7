import type { Fact } from "../../licensing/facts.ts";
import { recordOf, resourceAttributes, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { DAY, HOUR, type Instant, SECOND } from "../../licensing/time.ts";
import type { LogGroup } from "../../otlp/logs.ts";
import {
  dnsFact,
  exchangeFacts,
  heartbeatFact,
  hostLicensingFact,
  licensingFact,
  MAK_KEY,
  requestFact,
} from "./facts.ts";
import { computerAt, KMS_HOSTS, renewalsOf, type SimulatedComputer, WEEK, ZONES, zoneOfHost } from "./fleet.ts";
import { type KmsHostCounts, newKmsHostCounts } from "./kms-host-counts.ts";
import { probeFacts } from "./probes.ts";

export interface FleetOptions {
  readonly seed: number;
  readonly hosts: number;
  /** The present of the simulation's start. */
  readonly now: Instant;
  readonly version: string;
}

const HISTORY = 31 * DAY;
const OFFICE_ASKS_AFTER = 2 * SECOND;
const asksForOffice = (it: SimulatedComputer): boolean => it.office && it.role === "client";
/** Agents read licenses so often; KMS hosts publish themselves in DNS so often. */
const REPORTS_EVERY = 4 * HOUR;
const PUBLISHES_EVERY = DAY;
const GROUPS_PER_REQUEST = 100;
const EVENTS_PER_REQUEST = 500;
/** The history of more computers is made in parts, each of which is sorted in memory: a million have millions of requests. */
const COMPUTERS_AT_ONCE = 200_000;
const HOSTS = Object.values(KMS_HOSTS);
/** One in the core network, one in the lab. */
const PROBERS: readonly string[] = [KMS_HOSTS.core1, KMS_HOSTS.lab];

/** The branch's clients were moved away three weeks ago, but for too few: its count falls below 25 within a week. */
const STAYED_IN_BRANCH = 19;
const MOVED_AGO = 22 * DAY;

/** A deterministic fleet that speaks the agents' protocol: groups of records, in requests of a sane size. */
export interface Fleet {
  readonly computers: number;
  /** What agents would send when they report for the first time, as of `now`. */
  present(): Generator<LogGroup[]>;
  /** What happens within [from, until). */
  between(from: Instant, until: Instant): Generator<LogGroup[]>;
  /** What KMS hosts tell regularly, as of `at`. */
  hostsAt(at: Instant): LogGroup[];
}

export const simulatedFleet = (options: FleetOptions): Fleet => {
  const { seed, hosts, now } = options;
  const group = newGroups(options);
  const renewals = renewalsWithin(now);
  const counts = newKmsHostCounts(HOSTS);
  const at = (index: number) => computerAt(seed, index);
  const hostsAt = (instant: Instant) => hostGroups({ seed, now, group, counts }, instant);
  const factsOf = (it: SimulatedComputer, until: Instant, from = until - WEEK) =>
    computerFacts(it, { at: until, now, renewedAt: renewals(it, from, until).at(-1), counts });

  function* computers(): Generator<SimulatedComputer> {
    for (let index = 0; index < hosts; index += 1) yield at(index);
  }

  function* kmsEvents(from: Instant, until: Instant): Generator<LogGroup[]> {
    const due = requestsWithin(computers(), (it) => renewals(it, from, until));
    yield* requestGroups(due, { until, group, counts });
  }

  return {
    computers: hosts,
    present: function* () {
      const part = Math.ceil(HISTORY / Math.max(1, Math.ceil(hosts / COMPUTERS_AT_ONCE)));
      for (let from = now - HISTORY; from < now; from += part) yield* kmsEvents(from, Math.min(from + part, now));
      yield [...dnsGroups(group, now), ...hostsAt(now)];
      for (let index = 0; index < hosts; index += GROUPS_PER_REQUEST) {
        const length = Math.min(GROUPS_PER_REQUEST, hosts - index);
        const several = Array.from({ length }, (_, i) => at(index + i));
        yield several.map((it) => group(it.host, it.zone, factsOf(it, now), now));
      }
    },
    between: function* (from, until) {
      yield* kmsEvents(from, until);
      const groups: LogGroup[] = passes(PUBLISHES_EVERY, now, from, until) ? dnsGroups(group, until) : [];
      for (let index = 0; index < hosts; index += 1) {
        const it = at(index);
        const reports = !it.silent && passes(REPORTS_EVERY, it.phase, from, until);
        if (reports || renewals(it, from, until).length > 0)
          groups.push(group(it.host, it.zone, factsOf(it, until, from), until));
      }
      for (let i = 0; i < groups.length; i += GROUPS_PER_REQUEST) yield groups.slice(i, i + GROUPS_PER_REQUEST);
    },
    hostsAt,
  };
};

/** What a computer reports at an instant, as its agent would send it. */
type Group = (host: string, zone: string, facts: readonly Fact[], at: Instant) => LogGroup;

const newGroups = ({ seed, now, version }: FleetOptions): Group => {
  let sequence = 0;
  return (host, zone, facts, at) => ({
    resource: {
      attributes: resourceAttributes({
        host,
        zone,
        instanceId: `simulated-${seed}`,
        agentVersion: version,
        osName: "Windows (simulated)",
      }),
    },
    scope: { name: SCOPE, version },
    records: facts.map((it) => {
      sequence += 1;
      return recordOf(it, `s${seed}-${now}-${sequence}`, at);
    }),
  });
};

const isMoved = (it: SimulatedComputer): boolean =>
  it.kmsHost === KMS_HOSTS.branch && branchRank(it.index) >= STAYED_IN_BRANCH;

const renewalsWithin =
  (now: Instant) =>
  (it: SimulatedComputer, from: Instant, until: Instant): Instant[] =>
    it.kmsHost === undefined
      ? []
      : renewalsOf(it, from, until, now).filter((at) => !isMoved(it) || at < now - MOVED_AGO);

interface DueRequest {
  readonly computer: SimulatedComputer;
  readonly at: Instant;
  readonly office: boolean;
}

/** Requests at the KMS hosts, in the order of their time. */
const requestsWithin = (
  computers: Iterable<SimulatedComputer>,
  renewals: (it: SimulatedComputer) => Instant[],
): DueRequest[] => {
  const due: DueRequest[] = [];
  for (const computer of computers)
    for (const at of renewals(computer)) {
      due.push({ computer, at, office: false });
      if (asksForOffice(computer)) due.push({ computer, at: at + OFFICE_ASKS_AFTER, office: true });
    }
  return due.sort((a, b) => a.at - b.at);
};

interface Publishing {
  readonly until: Instant;
  readonly group: Group;
  readonly counts: KmsHostCounts;
}

function* requestGroups(due: readonly DueRequest[], { until, group, counts }: Publishing): Generator<LogGroup[]> {
  const byHost = new Map<string, Fact[]>();
  const groupOf = (host: string): LogGroup => group(host, zoneOfHost(host), byHost.get(host) ?? [], until);
  for (const { computer, at, office } of due) {
    const host = computer.kmsHost!;
    const recordId = counts.request(host, { clientMachineId: computer.cmid, at, office });
    const facts = byHost.get(host) ?? [];
    facts.push(requestFact(computer, at, recordId, office));
    byHost.set(host, facts);
    if (facts.length < EVENTS_PER_REQUEST) continue;
    yield [groupOf(host)];
    byHost.delete(host);
  }
  for (const host of byHost.keys()) yield [groupOf(host)];
}

const hostGroups = (
  { seed, now, group, counts }: { seed: number; now: Instant; group: Group; counts: KmsHostCounts },
  at: Instant,
): LogGroup[] =>
  HOSTS.map((host) => {
    const facts = [
      hostLicensingFact({ windows: counts.windows(host, at), office: counts.office(host, at) }, counts.requests(host)),
      heartbeatFact(["Key Management Service", "Application"], at, at, now - 60 * DAY),
      ...(PROBERS.includes(host) ? probeFacts(seed, host) : []),
    ];
    return group(host, zoneOfHost(host), facts, at);
  });

const dnsGroups = (group: Group, at: Instant): LogGroup[] =>
  HOSTS.map((host) => group(host, zoneOfHost(host), [dnsFact(host, at)], at));

const computerFacts = (
  it: SimulatedComputer,
  { at, now, renewedAt, counts }: { at: Instant; now: Instant; renewedAt: Instant | undefined; counts: KmsHostCounts },
): Fact[] => {
  const host = it.kmsHost;
  const asked = renewedAt !== undefined && host !== undefined;
  return [
    ...(asked ? exchangeFacts(it, renewedAt, counts.windows(host, at)) : []),
    ...(asked && asksForOffice(it)
      ? exchangeFacts(it, renewedAt + OFFICE_ASKS_AFTER, counts.office(host, at), true)
      : []),
    licensingFact(it, at, now),
    heartbeatFact(["Application"], at, at + it.skew, now - 60 * DAY),
  ];
};

/** Whether one of the moments that return `every` so often, counted from `phase`, lies within (from, until]. */
const passes = (every: number, phase: number, from: Instant, until: Instant): boolean =>
  Math.floor((until - phase) / every) > Math.floor((from - phase) / every);

/** Its index within the branch, whose computers are the first fourteen of each hundred. */
const branchRank = (index: number): number => Math.floor(index / 100) * 14 + (index % 100);

/** The key that computers without a KMS host use. */
export const SIMULATED_MAK = [{ partial_product_key: MAK_KEY, allowance: 50 }] as const;

/** What a collector should know of the simulated zones. */
export const SIMULATED_ZONES = [
  { name: ZONES.core, kind: "core" },
  { name: ZONES.branch, kind: "isolated" },
  { name: ZONES.lab, kind: "lab" },
  { name: ZONES.dmz, kind: "disconnected" },
] as const;
