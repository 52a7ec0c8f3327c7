import { crc32 } from "node:zlib";
import type { Fact } from "../../licensing/facts.ts";
import type { Instant } from "../../licensing/time.ts";

/** A fact on its way: about whom, when it was observed, and the uid that stays the same however often it is sent. */
export interface Spooled {
  readonly uid: string;
  readonly host: string;
  readonly observedAt: Instant;
  readonly fact: Fact;
  /** An event of `host`'s own log that carries a former name of it. */
  readonly ownChannel?: true;
}

/** Before each record stand its length and its checksum, four bytes each. */
export const HEAD = 8;
/** How each record begins: where a damaged length leads nowhere, the next record is found by it. */
const START = Buffer.from('{"uid":"');

export const recordFrame = (record: Spooled): Buffer => {
  const { uid, ...rest } = record;
  return frameOf(Buffer.from(JSON.stringify({ uid, ...rest })));
};

/** The bytes of a record with a head that is right. */
export const frameOf = (body: Buffer): Buffer => {
  const frame = Buffer.alloc(HEAD + body.length);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  body.copy(frame, HEAD);
  return frame;
};

/** What a segment holds from one place on: a record, one that is damaged, or an end that was never completed. */
export type Piece =
  | { readonly kind: "record"; readonly at: number; readonly length: number; readonly record: Spooled }
  | { readonly kind: "damaged" }
  | { readonly kind: "torn"; readonly bytes: number };

/**
 * Everything in a segment, in its order. A crash leaves an end that is torn or zeros, which was never acknowledged; a bad
 * sector damages records, and takes none of those behind them.
 */
export function* piecesOf(segment: Buffer): Generator<Piece> {
  let at = HEAD;
  while (at <= segment.length) {
    const length = segment.readUInt32BE(at - HEAD);
    const record = recordAt(segment, at, length);
    if (record) yield { kind: "record", at, length, record };
    else if (leadsOn(segment, at, length)) yield { kind: "damaged" };
    else {
      // The length itself may be what is damaged: then the record ends where the next one begins, or with the segment.
      const next = segment.indexOf(START, at + 1);
      const end = next < 0 ? segment.length : next - HEAD;
      const whole = recordAt(segment, at, end - at);
      if (whole) yield { kind: "record", at, length: end - at, record: whole };
      else if (next < 0) yield endOf(segment, at);
      else yield { kind: "damaged" };
      if (next < 0) return;
      at = next;
      continue;
    }
    at += length + HEAD;
  }
  const left = segment.length - (at - HEAD);
  if (left > 0) yield { kind: "torn", bytes: left };
}

/** The records of a segment that are whole. */
export const recordsIn = (segment: Buffer): Extract<Piece, { kind: "record" }>[] =>
  [...piecesOf(segment)].filter((it) => it.kind === "record");

/** The record whose body lies there; undefined when its checksum says that it is not what was written. */
export const recordAt = (segment: Buffer, at: number, length: number): Spooled | undefined => {
  if (length < START.length || at < HEAD || at + length > segment.length) return undefined;
  const body = segment.subarray(at, at + length);
  if (crc32(body) !== segment.readUInt32BE(at - HEAD + 4)) return undefined;
  try {
    return JSON.parse(body.toString()) as Spooled;
  } catch {
    return undefined;
  }
};

/** Whether a length leads to another record, or to the segment's end. A torn end is filled with zeros by some file systems. */
const leadsOn = (segment: Buffer, at: number, length: number): boolean => {
  const end = at + length;
  if (length === 0 || end > segment.length) return false;
  if (end === segment.length) return segment[end - 1] !== 0;
  return segment.subarray(end + HEAD, end + HEAD + START.length).equals(START);
};

/** What no record follows: damaged where it is a record from its beginning to its end, else torn. */
const endOf = (segment: Buffer, at: number): Piece => {
  const rest = segment.subarray(at);
  return rest.subarray(0, START.length).equals(START) && isJson(rest)
    ? { kind: "damaged" }
    : { kind: "torn", bytes: segment.length - (at - HEAD) };
};

const isJson = (bytes: Buffer): boolean => {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
};
