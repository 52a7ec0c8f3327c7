import { RECORD_KINDS, RECORD_OUTCOMES } from "../../licensing/telemetry/label-values.ts";
import { type Instant, iso } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import type { Reader } from "../store/store.ts";
import { sumKey } from "../store/sums.ts";
import { agentlessByZone } from "./agentless-counts.ts";
import { computersByAge, hourlyCounts, type ZoneSettings } from "./computer-counts.ts";

type Kind = (typeof RECORD_KINDS)[number];
type RecordOutcome = (typeof RECORD_OUTCOMES)[number];

/** How well data arrives. Times are ISO 8601. */
export interface PipelineAnswer {
  readonly zones: readonly {
    readonly zone: string;
    readonly reporting: number;
    /** Silent for longer than `stale_after`. */
    readonly silent: number;
    readonly retired: number;
    /** Records that agents hold and have not delivered. */
    readonly spooled: number;
    /** Gaps in event logs: events were overwritten before they were read. */
    readonly gaps: number;
  }[];
  /** Those that were silent longest first. */
  readonly silent: readonly { readonly computer: string; readonly zone: string; readonly last_seen: string }[];
  /** Sources that agents cannot read, by zone. */
  readonly failing: readonly { readonly zone: string; readonly source: string; readonly agents: number }[];
  /** Since the collector started. */
  readonly records: readonly (Readonly<Record<RecordOutcome, number>> & { readonly kind: Kind })[];
  /** The newest records that the collector stored and could not interpret. */
  readonly uninterpreted: readonly {
    readonly received_at: string;
    readonly host: string;
    readonly reason: string;
    readonly record: string;
  }[];
}

/** How many records of a kind had an outcome, since the collector started. */
export type CountRecords = (kind: Kind, outcome: RecordOutcome) => number;

const SILENT_MAX = 50;
const LOOKED_AT_MAX = 500;
/** A computer that only others' records name has no agent that could be silent. */
const AGENTLESS = 2;
const FAILING_MAX = 50;
const UNINTERPRETED_MAX = 10;
/** The beginning of a record tells what it is. */
const RECORD_LENGTH_MAX = 500;

/** @param countRecords what this process has counted. */
export const pipelineAnswer = async (
  memory: Memory,
  reader: Reader,
  { zones, staleAfter }: ZoneSettings,
  countRecords: CountRecords,
  now: Instant,
): Promise<PipelineAnswer> => {
  const { sums } = memory;
  const unmanaged = await agentlessByZone(memory, reader, now);
  const seen = hourlyCounts(sums, reader, "seen");
  const byAge = await computersByAge(seen, staleAfter, now);
  const known = ["retired", "agentless"].flatMap((group) => [...sums.of(group)].map(({ labels }) => labels[0]!));
  const names = [
    ...new Set([...zones.map((it) => it.name), ...seen.byGroup.keys(), ...unmanaged.keys(), ...known]),
  ].sort();
  const silent = (await reader.computersBySeen({ from: 0, until: now - staleAfter, limit: LOOKED_AT_MAX }))
    .filter((it) => it.presence !== AGENTLESS)
    .slice(0, SILENT_MAX);
  return {
    zones: names.map((zone) => {
      const { total, silent: quiet } = byAge(zone);
      return {
        zone,
        reporting: total - quiet + sums.get(sumKey("agentless", zone)) + (unmanaged.get(zone)?.computers ?? 0),
        silent: quiet,
        retired: sums.get(sumKey("retired", zone)) + (unmanaged.get(zone)?.retired ?? 0),
        spooled: sums.get(sumKey("spooled", zone)),
        gaps: sums.get(sumKey("gaps", zone)),
      };
    }),
    silent: silent.map((it) => ({ computer: it.key, zone: it.zone, last_seen: iso(it.seenAt) })),
    failing: [...sums.of("failing")]
      .map(({ labels: [zone, source], sum }) => ({ zone: zone!, source: source!, agents: sum }))
      .sort((a, b) => b.agents - a.agents)
      .slice(0, FAILING_MAX),
    records: RECORD_KINDS.map((kind) => ({
      kind,
      ...(Object.fromEntries(RECORD_OUTCOMES.map((it) => [it, countRecords(kind, it)])) as Record<
        RecordOutcome,
        number
      >),
    })),
    uninterpreted: (await reader.newestUninterpreted(UNINTERPRETED_MAX)).map((it) => ({
      received_at: iso(it.receivedAt),
      host: it.host,
      reason: it.reason,
      record: it.record.slice(0, RECORD_LENGTH_MAX),
    })),
  };
};
