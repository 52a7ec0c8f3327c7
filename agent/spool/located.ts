import { recordAt, recordsIn, type Spooled } from "./frames.ts";
import { contentOf, type Place, type Segment } from "./segment.ts";
import type { ReadLimits } from "./spool-contract.ts";
import type { Done } from "./state.ts";

/** A record's place, and the segment that it is in. */
export interface Located {
  readonly segment: Segment;
  readonly place: Place;
}

/** Records that have not left, oldest first. */
export const liveIn = (segments: readonly Segment[]): Located[] =>
  segments.flatMap((segment) => segment.places.filter((it) => !it.gone).map((place) => ({ segment, place })));

/** The first of them, within the limits; one record at least, however large it is. */
export const firstOf = (
  live: readonly Located[],
  { records: most, bytes, without, oneComputer }: ReadLimits,
): Located[] => {
  const taken: Located[] = [];
  let size = 0;
  for (const it of live) {
    const { host } = it.place;
    if (without?.has(host) || (oneComputer && taken.length > 0 && host !== taken[0]!.place.host)) continue;
    if (taken.length === most || (taken.length > 0 && size + it.place.length > bytes)) break;
    taken.push(it);
    size += it.place.length;
  }
  return taken;
};

/** The records themselves, and the places of those that are damaged on disk by now. Reads each segment once. */
export const recordsOf = (taken: readonly Located[]): { found: Spooled[]; damaged: Located[] } => {
  const contents = new Map<Segment, Buffer | undefined>();
  const found: Spooled[] = [];
  const damaged: Located[] = [];
  for (const it of taken) {
    const { segment, place } = it;
    if (!contents.has(segment)) contents.set(segment, contentOf(segment));
    const content = contents.get(segment);
    const record = content && recordAt(content, place.at, place.length);
    if (record) found.push(record);
    else damaged.push(it);
  }
  return { found, damaged };
};

/**
 * Up to where everything has left. Records that were left where they are may lie before others that have: those are sent
 * again after a crash.
 */
export const lastBeforeLive = (segments: readonly Segment[]): Done | undefined => {
  let last: Done | undefined;
  for (const { name, places } of segments)
    for (const { at, gone } of places) {
      if (!gone) return last;
      last = { segment: name, at };
    }
  return last;
};

/** Where among them the last record with this uid is; -1 where none is. */
export const lastWithUid = (live: readonly Located[], uid: string): number => {
  const uids = new Map<string, string>();
  for (const segment of new Set(live.map((it) => it.segment)))
    for (const { at, record } of recordsIn(contentOf(segment) ?? Buffer.alloc(0)))
      uids.set(`${segment.name} ${at}`, record.uid);
  return live.findLastIndex(({ segment, place }) => uids.get(`${segment.name} ${place.at}`) === uid);
};
