import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Instant } from "../../licensing/time.ts";
import { saveAtomically } from "./atomic-write.ts";
import { ONLY_OWNER } from "./checked-file.ts";
import { nameOf } from "./files.ts";
import { frameOf, HEAD, piecesOf } from "./frames.ts";

/** Where a record lies in its segment, and whether it has left. */
export interface Place {
  readonly at: number;
  readonly length: number;
  readonly observedAt: Instant;
  readonly kind: string;
  readonly host: string;
  gone: boolean;
}

/** One file of a spool. */
export interface Segment {
  readonly file: string;
  readonly name: string;
  readonly places: Place[];
  /** Bytes on disk. */
  size: number;
}

/** What was found in a segment beside its records. */
export interface Damage {
  readonly records: number;
  readonly tornBytes: number;
  /** The file cannot be read at all. */
  readonly unreadable?: true;
}

export const newSegment = (file: string): Segment => ({ file, name: nameOf(file), places: [], size: 0 });

/** @throws Error with the file's name, when reading it is not permitted. */
export const openSegment = (file: string): { readonly segment: Segment; readonly damage: Damage } => {
  const segment = newSegment(file);
  const content = contentOf(segment);
  if (!content) return { segment, damage: { records: 0, tornBytes: 0, unreadable: true } };
  let records = 0;
  let tornBytes = 0;
  for (const piece of piecesOf(content))
    if (piece.kind === "damaged") records += 1;
    else if (piece.kind === "torn") tornBytes = piece.bytes;
    else {
      const { observedAt, fact, host } = piece.record;
      segment.places.push({ at: piece.at, length: piece.length, observedAt, kind: fact.kind, host, gone: false });
    }
  segment.size = content.length;
  return { segment, damage: { records, tornBytes } };
};

/** The file was removed, or its sectors are bad: what was in it is lost, and what is in other segments is not. */
const LOST = ["ENOENT", "EIO", "EISDIR"];

/** undefined when the file is lost. @throws Error with its name, when reading it is not permitted. */
export const contentOf = ({ file }: Segment): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (LOST.includes(code ?? "")) return undefined;
    throw new Error(`spool.directory: ${file} cannot be read: ${message}`, { cause });
  }
};

/** Writes a segment again with the records that have not left. @throws Error of the file system; then it is as it was. */
export const compact = (segment: Segment): void => {
  const content = contentOf(segment) ?? Buffer.alloc(0);
  const kept = segment.places.filter((it) => !it.gone && it.at + it.length <= content.length);
  const frames = kept.map((it) => frameOf(content.subarray(it.at, it.at + it.length)));
  saveAtomically(segment.file, Buffer.concat(frames), ONLY_OWNER);
  let end = 0;
  const places = kept.map((it, i): Place => {
    const at = end + HEAD;
    end += frames[i]!.length;
    return { ...it, at };
  });
  segment.places.splice(0, segment.places.length, ...places);
  segment.size = end;
};

/** The segment that is being written. */
export interface SegmentWriter {
  readonly segment: Segment;
  /** What was written may not be what is on disk: nothing more goes into this segment. */
  readonly broken: boolean;
  /** The frames are on disk once this has returned. @throws Error of the file system; then nothing of them is in the file. */
  append(frames: Buffer, places: readonly Omit<Place, "gone">[]): void;
  close(): void;
}

export const writeSegment = (file: string): SegmentWriter => {
  const segment = newSegment(file);
  const fd = openSync(file, "a", ONLY_OWNER);
  let broken = false;
  return {
    segment,
    get broken() {
      return broken;
    },
    append: (frames, places) => {
      broken = true;
      try {
        for (let at = 0; at < frames.length; ) at += writeSync(fd, frames, at);
      } catch (cause) {
        // On a full disk the torn piece would take the space of what could be written.
        ftruncateSync(fd, segment.size);
        broken = false;
        throw cause;
      }
      fsyncSync(fd);
      broken = false;
      for (const it of places) segment.places.push({ ...it, gone: false });
      segment.size += frames.length;
    },
    close: () => closeSync(fd),
  };
};
