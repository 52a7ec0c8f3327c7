import { gzipSync } from "node:zlib";
import { licensingFact, requestFact } from "../../agent/simulation/facts.ts";
import { computerAt, KMS_HOSTS, type SimulatedComputer, zoneOfHost } from "../../agent/simulation/fleet.ts";
import { simulatedFleet } from "../../agent/simulation/simulate.ts";
import type { Fact, Properties } from "../../licensing/facts.ts";
import { licensesOf } from "../../licensing/license.ts";
import { recordOf, resourceAttributes, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { DAY, type Instant, MINUTE } from "../../licensing/time.ts";
import type { LogGroup } from "../../otlp/logs.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";

/** What a load client sends. All of it follows from these numbers, so that peers take the same figures of the same computers. */
export type Workload =
  /** One request for each computer from `first` on: its service, Windows and Office, as its agent sends them. */
  | { readonly what: "licenses"; readonly first: number; readonly count: number; readonly at: Instant }
  /** KMS requests (12290), 100 in each request; numbers that were sent before are the same events again. */
  | {
      readonly what: "events";
      readonly first: number;
      readonly count: number;
      readonly at: Instant;
      /** Those of some of the KMS hosts only, as where each KMS host reports to one of several collectors. */
      readonly share?: Share;
    }
  /** Everything that a fleet reports when it is first seen: 31 days of KMS requests, attempts, licenses, heartbeats. */
  | { readonly what: "fleet"; readonly count: number; readonly at: Instant }
  /** The license figures of each computer as a push to prometheus-pushgateway. */
  | { readonly what: "pushes"; readonly first: number; readonly count: number; readonly at: Instant };

/** One of so many parts. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

export interface Message {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
  readonly gzip: boolean;
  /** Computers or events in it. */
  readonly amount: number;
}

export const SEED = 1;
export const EVENTS_PER_REQUEST = 100;
const VERSION = "bench";

export function* messagesOf(workload: Workload, gzip = false): Generator<Message> {
  if (workload.what === "pushes") yield* pushes(workload);
  else
    for (const { groups, amount } of requestsOf(workload)) {
      const body = encodeLogs(groups);
      yield {
        method: "POST",
        path: "/v1/logs",
        type: "application/x-protobuf",
        body: gzip ? gzipSync(body) : body,
        gzip,
        amount,
      };
    }
}

function* requestsOf(
  workload: Exclude<Workload, { what: "pushes" }>,
): Generator<{ groups: readonly LogGroup[]; amount: number }> {
  if (workload.what === "licenses") {
    for (const it of computers(workload))
      yield { groups: [group(it.host, it.zone, [licensingOf(it, workload.at)], workload.at)], amount: 1 };
  } else if (workload.what === "events") yield* eventRequests(workload);
  else {
    const fleet = simulatedFleet({ seed: SEED, hosts: workload.count, now: workload.at, version: VERSION });
    for (const groups of fleet.present()) yield { groups, amount: groups.length };
  }
}

/** Clients with Office, so that each reports two products. */
function* computers({ first, count }: { first: number; count: number }): Generator<SimulatedComputer> {
  for (let i = first; i < first + count; i += 1) yield { ...computerAt(SEED, i), role: "client", office: true };
}

/** Minutes move from report to report, everything else stays: what a healthy fleet looks like. */
const licensingOf = (it: SimulatedComputer, at: Instant): Fact => licensingFact(it, at, at);

const group = (host: string, zone: string, facts: readonly Fact[], at: Instant): LogGroup => ({
  resource: {
    attributes: resourceAttributes({
      host,
      hostId: "4c4c4544-0042-3510-8056-b4c04f4d3232",
      osType: "windows",
      osName: "Windows 10 Enterprise",
      osVersion: "10.0.19045",
      zone,
      instanceId: "5bd2a0f4-3c63-4b0c-9d5c-0a8f6b7d1c11",
      agentVersion: VERSION,
    }),
  },
  scope: { name: SCOPE, version: VERSION },
  records: facts.map((it, i) => recordOf(it, `${host}-${at}-${i}`, at)),
});

const HOSTS = Object.values(KMS_HOSTS);
/** Clients of one KMS host: each asks again and again. */
const CLIENTS = 5_000;

/** Requests of four KMS hosts in turn; the time of each event follows from its number. */
function* eventRequests({ first, count, at, share }: Extract<Workload, { what: "events" }>) {
  for (let from = first; from < first + count; from += EVENTS_PER_REQUEST) {
    const turn = from / EVENTS_PER_REQUEST;
    if (share && turn % share.of !== share.index) continue;
    const kmsHost = HOSTS[turn % HOSTS.length]!;
    // A host's log holds its own requests only: their record numbers follow one another.
    const ofHost = Math.floor(turn / HOSTS.length) * EVENTS_PER_REQUEST;
    const facts = Array.from({ length: EVENTS_PER_REQUEST }, (_, i) => {
      const number = from + i;
      const client = computerAt(SEED, (ofHost + i) % CLIENTS);
      return requestFact(
        { ...client, kmsHost, role: "client" },
        at - 20 * DAY + number * 20,
        1_000 + ofHost + i,
        false,
      );
    });
    yield { groups: [group(kmsHost, zoneOfHost(kmsHost), facts, at)], amount: facts.length };
  }
}

/** The same figures as series: status, deadline, reason, rearms and versions of each product, as an exporter would push them. */
function* pushes({ first, count, at }: { first: number; count: number; at: Instant }): Generator<Message> {
  for (const it of computers({ first, count })) {
    const fact = licensingFact(it, at, at);
    const lines = licensesOf(fact, at).flatMap(({ name, channel, status, deadline }, i) => {
      const labels = `product="${name}",channel="${channel}"`;
      const row = fact.products[i] as Properties;
      return [
        `license_status{${labels},status="${status}"} 1`,
        `license_deadline_timestamp_seconds{${labels}} ${(deadline ?? 0) / 1_000}`,
        `license_status_reason{${labels}} ${row.LicenseStatusReason}`,
        `license_renewal_interval_minutes{${labels}} ${row.VLRenewalInterval ?? 10_080}`,
      ];
    });
    const own = [`rearms_left ${fact.service?.RemainingWindowsReArmCount}`, `read_timestamp_seconds ${at / 1_000}`];
    yield {
      method: "PUT",
      path: `/metrics/job/activation/zone/${it.zone}/instance/${it.host}`,
      type: "text/plain; version=0.0.4",
      body: Buffer.from(`${[...lines, ...own].join("\n")}\n`),
      gzip: false,
      amount: 1,
    };
  }
}

/** Reports of the same computers a quarter of an hour later each time. */
export const roundAt = (base: Instant, round: number): Instant => base - DAY + round * 15 * MINUTE;
