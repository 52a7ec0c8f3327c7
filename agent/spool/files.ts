import { readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Fact } from "../../licensing/facts.ts";
import type { Instant } from "../../licensing/time.ts";

/** A fact on its way: about whom, when it was observed, and the uid that stays the same however often it is sent. */
export interface Spooled {
  readonly uid: string;
  readonly host: string;
  readonly observedAt: Instant;
  readonly fact: Fact;
}

/** What has left, uids, what was dropped. */
export const STATE = "state.json";
/** The uid of the last record that was exported and may leave: written by `agent export --clear`, taken by whoever has the spool open. */
export const EXPORTED = "exported";

const SEGMENT = /^\d{12}\.spool$/;

/** The segments of a spool, oldest first. */
export const segmentFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((it) => SEGMENT.test(it))
    .sort()
    .map((it) => join(directory, it));
export const nameOf = (segmentFile: string): string => segmentFile.slice(-18);

/** Everything up to this record has left. */
export interface Done {
  readonly segment: string;
  readonly at: number;
}
export const isDone = (done: Done | undefined, segment: string, at: number): boolean =>
  done !== undefined && (segment < done.segment || (segment === done.segment && at <= done.at));

/** A record is framed with its length and checksum. */
export const HEAD = 8;

export const recordFrame = (record: Spooled): Buffer => {
  const body = Buffer.from(JSON.stringify(record));
  const frame = Buffer.alloc(HEAD + body.length);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  body.copy(frame, HEAD);
  return frame;
};

/** The records of a segment as far as they are whole; a crash in mid-write leaves a torn end, which was never acknowledged. */
export function* framesIn(segment: Buffer): Generator<{ at: number; length: number; record: Spooled }> {
  for (let at = HEAD; at <= segment.length; ) {
    const length = segment.readUInt32BE(at - HEAD);
    const body = segment.subarray(at, at + length);
    if (body.length !== length || crc32(body) !== segment.readUInt32BE(at - HEAD + 4)) return;
    yield { at, length, record: JSON.parse(body.toString()) as Spooled };
    at += length + HEAD;
  }
}
