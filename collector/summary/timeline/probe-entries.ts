import type { TimelineEntry } from "../../../licensing/diagnosis/timeline-entry.ts";
import type { Look } from "../kms/probes.ts";

/** Probers of one KMS host whose results are lines, those that changed last. */
const PROBERS_SHOWN = 10;

/** Since when each prober has seen of a KMS host what it sees now. */
export const probeEntries = (looks: readonly Look[], kmsHost: string): TimelineEntry[] =>
  looks
    .filter((it) => it.kmsHost === kmsHost)
    .toSorted((a, b) => b.result.since - a.result.since)
    .slice(0, PROBERS_SHOWN)
    .map(({ prober, result }) => ({
      at: result.since,
      count: 1,
      source: "prober",
      observer: prober,
      what: { change: "probe" },
      outcome: result.outcome === "ok" ? "success" : "failure",
      details: { peer: kmsHost, text: `${result.probe} ${result.target}: ${result.outcome}` },
    }));
