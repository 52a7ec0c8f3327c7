import { closeSync, fstatSync, openSync } from "node:fs";
import { type Clock, type Instant, iso, MINUTE, parseWindowsTime } from "../../licensing/time.ts";
import { withFormerNames } from "./own-channel.ts";
import { READING_MAX } from "./reading-size.ts";
import { bytesAt, isStillAt, type Place, placeAt, placeIn } from "./recorded-place.ts";
import { endOfLast, endOfOverlong, factsIn, formatOf, isUnfinished } from "./recorded-text.ts";
import type { Observed, Read, Source } from "./source.ts";

type Until = NonNullable<Read["readUntil"]>[number];

/** An event that is being written is complete within this time. */
const UNFINISHED_MAX = MINUTE;
/** The beginning of a file tells its format. */
const START = 1_024;

/**
 * Follows a file of event XML or NDJSON as `tail -f` would: what is appended is read; a file that was replaced, cut or written
 * over is read from its start, which counts as a gap; an event that is still being written waits for its end. Of a `live` file
 * the end is the present; of another one its newest event is. `host`, where it is given, is this computer, whose own logs are
 * told apart from those of others by the names in them.
 */
export const recordedSource = (file: string, clock: Clock, live: boolean, host?: string): Source => {
  const channels = new Map<string, Until>();
  /** An end that is no event, and since when it has been as it is. */
  let unfinished: { readonly from: number; readonly to: number; readonly since: Instant } | undefined;

  const readPiece = (fd: number, from: number, now: Instant): Piece => {
    const { size } = fstatSync(fd);
    const chunk = bytesAt(fd, from, Math.min(READING_MAX, size - from));
    const format = formatOf(bytesAt(fd, 0, START)) ?? formatOf(chunk.subarray(0, START));
    const isFull = chunk.length === READING_MAX;
    const end = endOfLast(chunk, format);
    if (end === 0 && isFull) return overlong(from, from + endOfOverlong(chunk, format));
    const isEnd = from + chunk.length === size;
    const rest = chunk.subarray(end);
    const to = from + chunk.length;
    if (!isUnfinished(rest)) unfinished = undefined;
    else if (unfinished?.from !== from + end || unfinished.to !== to) unfinished = { from: from + end, to, since: now };
    if (end === 0 && unfinished && now - unfinished.since > UNFINISHED_MAX)
      throw new Error(
        `what begins at byte ${unfinished.from} of ${file} has not become an event since ${iso(unfinished.since)}; look at the file's end`,
      );
    const { facts, broken } = factsIn(chunk.subarray(0, end).toString(), format, now);
    return {
      facts: host === undefined ? facts : withFormerNames(facts, host),
      end: from + end,
      more: end > 0 && isFull,
      until: live && isEnd ? (unfinished?.since ?? now) : undefined,
      lost:
        broken.length === 0
          ? []
          : [`${broken.length} events from byte ${from} on cannot be read and are left out (${broken[0]}).`],
    };
  };

  return {
    name: `recorded ${file}`,
    read: async (bookmark) => {
      const fd = openSync(file, "r");
      try {
        const now = clock();
        const known = placeIn(bookmark);
        const lost = known && !isStillAt(fd, known) ? [REPLACED] : [];
        const piece = readPiece(fd, known && lost.length === 0 ? known.offset : 0, now);
        for (const it of piece.facts) note(channels, it);
        const warnings = [...lost, ...piece.lost];
        return {
          facts: piece.facts,
          bookmark: JSON.stringify(placeAt(fd, piece.end) satisfies Place),
          more: piece.more,
          gaps: warnings.length > 0 ? 1 : 0,
          readUntil: [...channels.values()].map((it) =>
            piece.until === undefined ? it : { ...it, at: Math.max(it.at, piece.until) },
          ),
          ...(warnings.length > 0 && { warnings }),
        };
      } finally {
        closeSync(fd);
      }
    },
  };
};

const REPLACED =
  "The file was replaced, cut or written over, and is read from its start; what was in it before may be lost.";

/** What one reading takes from a file. */
interface Piece {
  readonly facts: readonly Observed[];
  readonly end: number;
  readonly more: boolean;
  /** Of a file whose end is the present: everything up to this instant was read. */
  readonly until: Instant | undefined;
  /** What was left out, in words. */
  readonly lost: readonly string[];
}

const overlong = (from: number, to: number): Piece => ({
  facts: [],
  end: to,
  more: true,
  until: undefined,
  lost: [`No event ends within ${to - from} bytes from byte ${from} on; they are left out.`],
});

const note = (channels: Map<string, Until>, { host, fact }: Observed): void => {
  if (fact.kind !== "event" || fact.channel === undefined) return;
  const at = parseWindowsTime(fact.time)?.ms;
  if (at === undefined) return;
  const key = `${host} ${fact.channel}`;
  const known = channels.get(key);
  channels.set(key, {
    host,
    channel: fact.channel,
    at: Math.max(known?.at ?? at, at),
    oldest: Math.min(known?.oldest ?? at, at),
  });
};
