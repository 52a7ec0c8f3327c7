import type { KeyObject } from "node:crypto";
import type { LogGroup } from "../../otlp/logs.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import type { Outcomes, RecordOutcome } from "../ingest/accepted-record.ts";
import { piecesOf } from "./input.ts";
import type { Target } from "./target.ts";

/** What became of one file. */
export interface Imported {
  readonly records: number;
  readonly outcomes: Outcomes;
  /** Why the collector rejected records: one example. */
  readonly message?: string;
  /** What could not be read, with its place. */
  readonly broken: readonly string[];
  /** Events of other providers, which were left out. */
  readonly elsewhere: number;
}

/** So many records travel and are committed together. */
const RECORDS_MAX = 500;
const BROKEN_MAX = 1_000;

/**
 * Sends all that a file holds to the target, in its order.
 *
 * @throws Error when the file is refused as a whole, or nothing more can be taken.
 */
export const importFile = async (
  file: string,
  target: Target,
  { key, progress, signal }: { key: KeyObject | undefined; progress: (records: number) => void; signal: AbortSignal },
): Promise<Imported> => {
  const result = { records: 0, outcomes: {} as Outcomes, broken: [] as string[], elsewhere: 0, message: "" };
  const send = async (groups: readonly LogGroup[]): Promise<void> => {
    const taken = await target.send(encodeLogs(groups), signal);
    if (taken.outcome === "too-large") {
      if (countOf(groups) < 2) {
        result.broken.push("one record is larger than the collector takes (otlp.max_body_size)");
        return;
      }
      for (const half of halves(groups)) await send(half);
      return;
    }
    for (const [outcome, count] of Object.entries(taken.outcomes) as [RecordOutcome, number][])
      result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + count;
    if (taken.message) result.message = taken.message;
  };
  let waiting: LogGroup[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const groups = joined(waiting);
    waiting = [];
    await send(groups);
    progress(result.records);
  };
  for await (const piece of piecesOf(file, key)) {
    signal.throwIfAborted();
    if ("broken" in piece) {
      if (result.broken.length < BROKEN_MAX) result.broken.push(piece.broken);
    } else if ("elsewhere" in piece) result.elsewhere += piece.elsewhere;
    else {
      waiting.push(...piece.groups);
      result.records += countOf(piece.groups);
      if (countOf(waiting) >= RECORDS_MAX) await flush();
    }
  }
  await flush();
  const { message, ...rest } = result;
  return { ...rest, ...(message && { message }) };
};

const countOf = (groups: readonly LogGroup[]): number => groups.reduce((sum, it) => sum + it.records.length, 0);

/** Joins consecutive groups of the same resource and scope: a file of events makes one group of each event. */
const joined = (groups: readonly LogGroup[]): LogGroup[] => {
  const result: { group: LogGroup; records: LogGroup["records"][number][]; key: string }[] = [];
  for (const group of groups) {
    const key = JSON.stringify([group.resource, group.scope], plain);
    const last = result.at(-1);
    if (last?.key === key) last.records.push(...group.records);
    else result.push({ group, records: [...group.records], key });
  }
  return result.map(({ group, records }) => ({ ...group, records }));
};
const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

const halves = (groups: readonly LogGroup[]): [LogGroup[], LogGroup[]] => {
  const middle = Math.ceil(countOf(groups) / 2);
  const first: LogGroup[] = [];
  const second: LogGroup[] = [];
  let at = 0;
  for (const group of groups) {
    const cut = Math.max(0, Math.min(group.records.length, middle - at));
    if (cut > 0) first.push({ ...group, records: group.records.slice(0, cut) });
    if (cut < group.records.length) second.push({ ...group, records: group.records.slice(cut) });
    at += group.records.length;
  }
  return [first, second];
};
