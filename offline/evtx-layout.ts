import { crc32 } from "node:zlib";

const HEADER = 4_096;
const CHUNK = 65_536;
const CHUNKS_AT = 42;
const CHECKSUM_AT = 124;
/** The smallest record has 28 bytes, so no chunk holds more. */
const RECORDS_MAX = Math.floor(CHUNK / 28);

/** How many events an `.evtx` ought to hold, and what of it is here. */
export interface EvtxLayout {
  readonly events: number;
  /** Chunks that the header names, and those of them that begin like chunks. */
  readonly chunks: number;
  readonly present: number;
  /** The file in a form that gives all there is: a chunk that is cut off is filled up, chunks that the header forgot are named. */
  readonly repaired?: Buffer;
  /** Each chunk that is here, as a file of its own. */
  readonly singly: () => Generator<Buffer>;
}

/**
 * Reads the headers of an `.evtx` file (libevtx, "Windows XML Event Log (EVTX) format"). Tools pass over chunks that are
 * missing or damaged without a word; the record numbers in the headers tell what they passed over.
 *
 * @returns undefined for a file without a whole header.
 */
export const evtxLayout = (bytes: Buffer): EvtxLayout | undefined => {
  if (bytes.length < HEADER) return undefined;
  const here = Math.ceil((bytes.length - HEADER) / CHUNK);
  const named = bytes.readUInt16LE(CHUNKS_AT);
  // A log that was copied while Windows wrote it has more chunks than its header knows; behind them lies space without any.
  let last = named;
  while (last < here && isChunk(bytes, last)) last += 1;
  const count = Math.min(last, here);
  const ranges = Array.from({ length: count }, (_, i) => rangeOf(bytes, i)).filter((it) => it !== undefined);
  const chunks = Math.max(named, last);
  const events = expectedEvents(ranges) + eventsBehind(bytes, ranges, chunks - ranges.length);
  const isCut = (bytes.length - HEADER) % CHUNK !== 0;
  return {
    events,
    chunks,
    present: ranges.length,
    ...((isCut || last !== named) && { repaired: repaired(bytes, count) }),
    singly: () => singly(bytes, count),
  };
};

interface Range {
  readonly first: number;
  readonly last: number;
  readonly lastId: number;
}

const isChunk = (bytes: Buffer, at: number): boolean => {
  const start = HEADER + at * CHUNK;
  return bytes.toString("latin1", start, start + 7) === "ElfChnk";
};

const rangeOf = (bytes: Buffer, at: number): Range | undefined => {
  const start = HEADER + at * CHUNK;
  if (start + 48 > bytes.length || !isChunk(bytes, at)) return undefined;
  const first = Number(bytes.readBigUInt64LE(start + 8));
  const last = Number(bytes.readBigUInt64LE(start + 16));
  const lastId = Number(bytes.readBigUInt64LE(start + 32));
  return last >= first && last - first < RECORDS_MAX ? { first, last, lastId } : undefined;
};

/** Record numbers rise by one through the whole file, so a chunk that is missing inside leaves a hole. */
const expectedEvents = (ranges: readonly Range[]): number => {
  const counted = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (ranges.length === 0) return 0;
  const first = ranges.reduce((least, it) => Math.min(least, it.first), Number.POSITIVE_INFINITY);
  const last = ranges.reduce((most, it) => Math.max(most, it.last), 0);
  const spanned = last - first + 1;
  return spanned >= counted && spanned - counted <= RECORDS_MAX * ranges.length ? spanned : counted;
};

/** Events behind the last chunk that is here: the header knows the next record's ID. */
const eventsBehind = (bytes: Buffer, ranges: readonly Range[], missingChunks: number): number => {
  const next = Number(bytes.readBigUInt64LE(24));
  const last = ranges.reduce((most, it) => Math.max(most, it.lastId), 0);
  const behind = next - 1 - last;
  return ranges.length > 0 && missingChunks > 0 && behind > 0 && behind <= RECORDS_MAX * missingChunks ? behind : 0;
};

function* singly(bytes: Buffer, chunks: number): Generator<Buffer> {
  for (let at = 0; at < chunks; at += 1) {
    const start = HEADER + at * CHUNK;
    if (isChunk(bytes, at))
      yield repaired(Buffer.concat([bytes.subarray(0, HEADER), bytes.subarray(start, start + CHUNK)]), 1);
  }
}

const repaired = (bytes: Buffer, chunks: number): Buffer => {
  const whole = Buffer.alloc(HEADER + chunks * CHUNK);
  bytes.copy(whole);
  whole.writeUInt16LE(Math.min(chunks, 0xffff), CHUNKS_AT);
  whole.writeUInt32LE(crc32(whole.subarray(0, 120)), CHECKSUM_AT);
  return whole;
};
