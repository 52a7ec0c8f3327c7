import type { ProbeFact } from "../../licensing/facts.ts";
import {
  domainOfSrv,
  kmsTargetOf,
  PROBE_INTERVAL_SECONDS,
  PROBE_LIFETIME_INTERVALS,
  PROBES,
  type Probe,
  type SrvRecord,
  srvRecordsOf,
  targetText,
} from "../../licensing/kms/probe.ts";
import { DAY, type Instant, SECOND } from "../../licensing/time.ts";
import type { StateRow } from "../store/store.ts";
import { keepNewest } from "./keep-newest.ts";

/** What one computer found last when it looked, as plain data: one row, small whatever the number of looks. */
export interface ProberState {
  zone?: string;
  addresses?: string;
  /** By probe and target. */
  results: Record<string, ProbeResult>;
}

export interface ProbeResult {
  readonly probe: Probe;
  /** A domain, or host:port. */
  readonly target: string;
  readonly outcome: string;
  readonly at: Instant;
  /** Since when the outcome has been this one, without a pause. */
  readonly since: Instant;
  readonly intervalSeconds: number;
  readonly latencyMs?: number;
  readonly configured?: boolean;
  readonly records?: readonly SrvRecord[];
}

/** A few for each of 100 zones; who sends as yet another one is ignored until one of them has gone. */
export const PROBERS_MAX = 300;
const RESULTS_MAX = 400;
/** All results of one prober together. */
const PROBER_BYTES = 128 * 1024;

/** Until when a result is shown: three of its intervals, so that a prober that is gone leaves no figure behind. */
export const freshUntil = ({ at, intervalSeconds }: ProbeResult): Instant =>
  at + PROBE_LIFETIME_INTERVALS * intervalSeconds * SECOND;

const isGone = ({ results }: ProberState, now: Instant): boolean =>
  Object.values(results).every((it) => freshUntil(it) < now);

const OUTCOME = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * Takes one look. The newest counts, by its own time: what was sent twice or late has no effect.
 *
 * @returns undefined when it is not newer; a reason when it cannot be understood.
 */
export const recordProbe = (
  prober: ProberState,
  fact: ProbeFact,
  at: Instant,
): { taken: boolean } | { reason: string } => {
  const probe = PROBES.find((it) => it === fact.probe);
  if (!probe) return { reason: `no probe that is known: ${fact.probe.slice(0, 40)}` };
  const target = probe === "dns_srv" ? domainOfSrv(fact.target) : hostText(fact.target);
  if (!target) return { reason: `no target that can be read: ${fact.target.slice(0, 100)}` };
  if (!OUTCOME.test(fact.outcome)) return { reason: "an outcome that is no word" };
  const key = `${probe} ${target}`;
  const before = prober.results[key];
  if (before && before.at >= at) return { taken: false };
  const seconds = Math.ceil(fact.intervalSeconds ?? PROBE_INTERVAL_SECONDS);
  const steady = before?.outcome === fact.outcome && freshUntil(before) >= at;
  prober.results[key] = {
    probe,
    target,
    outcome: fact.outcome,
    at,
    since: steady ? before.since : at,
    intervalSeconds: Math.min(Math.max(seconds, 1), (7 * DAY) / SECOND),
    ...(fact.latencyMs !== undefined && { latencyMs: fact.latencyMs }),
    ...(fact.configured && { configured: true }),
    ...(probe === "dns_srv" && { records: srvRecordsOf(fact.records ?? []) }),
  };
  tidy(prober, at);
  return { taken: true };
};

const hostText = (text: string): string | undefined => {
  const read = kmsTargetOf(text);
  return read && targetText(read);
};

/** What is not probed any more leaves; of too many the oldest. */
const tidy = (prober: ProberState, now: Instant): void => {
  for (const [key, it] of Object.entries(prober.results)) if (freshUntil(it) < now) delete prober.results[key];
  const all = Object.entries(prober.results);
  if (all.length > RESULTS_MAX) delete prober.results[all.reduce((old, it) => (it[1].at < old[1].at ? it : old))[0]];
  while (JSON.stringify(prober.results).length > PROBER_BYTES)
    prober.results = keepNewest(prober.results, Object.keys(prober.results).length >> 1);
};

/** Among the collector's own state. */
const ROW = "prober ";
export const proberRow = (name: string, state: ProberState): StateRow => ({
  key: ROW + name,
  state: JSON.stringify(state),
});

/** Probers that have been silent for too long, with the keys of their rows. */
export const goneProbers = (
  probers: ReadonlyMap<string, ProberState>,
  now: Instant,
): { readonly name: string; readonly key: string }[] =>
  [...probers].flatMap(([name, it]) => (isGone(it, now) ? [{ name, key: ROW + name }] : []));
