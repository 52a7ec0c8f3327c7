import type { Fact } from "../../licensing/facts.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
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

export const simulatedFleet = ({ seed, hosts, now, version }: FleetOptions): Fleet => {
  const recordIds = new Map<string, number>(HOSTS.map((it) => [it, 10_000]));
  const requests = new Map<string, number>(HOSTS.map((it) => [it, 0]));
  const latest = new Map<string, Map<string, Instant>>(HOSTS.map((it) => [it, new Map()]));
  const officeLatest = new Map<string, Map<string, Instant>>(HOSTS.map((it) => [it, new Map()]));
  let sequence = 0;

  const group = (host: string, zone: string, facts: readonly Fact[], at: Instant): LogGroup => ({
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

  const moved = (it: SimulatedComputer): boolean =>
    it.kmsHost === KMS_HOSTS.branch && branchRank(it.index) >= STAYED_IN_BRANCH;
  const renewals = (it: SimulatedComputer, from: Instant, until: Instant): Instant[] =>
    it.kmsHost === undefined ? [] : renewalsOf(it, from, until, now).filter((at) => !moved(it) || at < now - MOVED_AGO);

  /** Requests at the KMS hosts within an interval, in the order of their time. */
  const requestsBetween = (from: Instant, until: Instant) => {
    const due: { it: SimulatedComputer; at: Instant; office: boolean }[] = [];
    for (let index = 0; index < hosts; index += 1) {
      const it = computerAt(seed, index);
      for (const at of renewals(it, from, until)) {
        due.push({ it, at, office: false });
        if (asksForOffice(it)) due.push({ it, at: at + OFFICE_ASKS_AFTER, office: true });
      }
    }
    return due.sort((a, b) => a.at - b.at);
  };

  /** What every client of a host is told at one instant is counted once, until the host has another request. */
  const counted = new Map<ReadonlyMap<string, Instant>, { at: Instant; clients: number }>();

  function* kmsEvents(from: Instant, until: Instant): Generator<LogGroup[]> {
    const byHost = new Map<string, Fact[]>();
    const groupOf = (host: string): LogGroup => group(host, zoneOfHost(host), byHost.get(host) ?? [], until);
    for (const { it, at, office } of requestsBetween(from, until)) {
      const host = it.kmsHost!;
      const recordId = recordIds.get(host)! + 1;
      recordIds.set(host, recordId);
      requests.set(host, requests.get(host)! + 1);
      (office ? officeLatest : latest).get(host)!.set(it.cmid, at);
      counted.clear();
      const facts = byHost.get(host) ?? [];
      facts.push(requestFact(it, at, recordId, office));
      byHost.set(host, facts);
      if (facts.length < EVENTS_PER_REQUEST) continue;
      yield [groupOf(host)];
      byHost.delete(host);
    }
    for (const host of byHost.keys()) yield [groupOf(host)];
  }

  const count = (seen: Map<string, Map<string, Instant>>, host: string, at: Instant, most: number): number => {
    const clients = seen.get(host)!;
    const known = counted.get(clients);
    if (known?.at === at) return Math.min(most, known.clients);
    const alive = [...clients.values()].filter((it) => it + CLIENT_LIFETIME > at).length;
    counted.set(clients, { at, clients: alive });
    return Math.min(most, alive);
  };

  const hostsAt = (at: Instant): LogGroup[] =>
    HOSTS.map((host) => {
      const counts = { windows: count(latest, host, at, 50), office: count(officeLatest, host, at, 10) };
      const facts = [
        hostLicensingFact(counts, requests.get(host)!),
        heartbeatFact(["Key Management Service", "Application"], at, at, now - 60 * DAY),
        ...(PROBERS.includes(host) ? probeFacts(seed, host) : []),
      ];
      return group(host, zoneOfHost(host), facts, at);
    });

  const dnsAt = (at: Instant): LogGroup[] =>
    HOSTS.map((host) => group(host, zoneOfHost(host), [dnsFact(host, at)], at));

  const computerFacts = (it: SimulatedComputer, at: Instant, since = at - WEEK): Fact[] => {
    const last = renewals(it, since, at).at(-1);
    const host = it.kmsHost;
    const asked = last !== undefined && host !== undefined;
    return [
      ...(asked ? exchangeFacts(it, last, count(latest, host, at, 50)) : []),
      ...(asked && asksForOffice(it)
        ? exchangeFacts(it, last + OFFICE_ASKS_AFTER, count(officeLatest, host, at, 10), true)
        : []),
      licensingFact(it, at, now),
      heartbeatFact(["Application"], at, at + it.skew, now - 60 * DAY),
    ];
  };

  return {
    computers: hosts,
    present: function* () {
      yield* kmsEvents(now - HISTORY, now);
      yield [...dnsAt(now), ...hostsAt(now)];
      for (let index = 0; index < hosts; index += GROUPS_PER_REQUEST) {
        const several = Array.from({ length: Math.min(GROUPS_PER_REQUEST, hosts - index) }, (_, i) =>
          computerAt(seed, index + i),
        );
        yield several.map((it) => group(it.host, it.zone, computerFacts(it, now), now));
      }
    },
    between: function* (from, until) {
      yield* kmsEvents(from, until);
      const groups: LogGroup[] = passes(PUBLISHES_EVERY, now, from, until) ? dnsAt(until) : [];
      for (let index = 0; index < hosts; index += 1) {
        const it = computerAt(seed, index);
        const reports = !it.silent && passes(REPORTS_EVERY, it.phase, from, until);
        if (reports || renewals(it, from, until).length > 0)
          groups.push(group(it.host, it.zone, computerFacts(it, until, from), until));
      }
      for (let i = 0; i < groups.length; i += GROUPS_PER_REQUEST) yield groups.slice(i, i + GROUPS_PER_REQUEST);
    },
    hostsAt,
  };
};

/** Whether one of the moments that return `every` so often, counted from `phase`, lies within (from, until]. */
const passes = (every: number, phase: number, from: Instant, until: Instant): boolean =>
  Math.floor((until - phase) / every) > Math.floor((from - phase) / every);

/** The how-manieth computer of the branch it is: they are the first fourteen of each hundred. */
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
