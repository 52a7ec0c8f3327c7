import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Instant } from "../../licensing/time.ts";
import { saveAtomically } from "./atomic-write.ts";
import {
  type Done,
  EXPORTED,
  framesIn,
  HEAD,
  isDone,
  nameOf,
  recordFrame,
  type Spooled,
  STATE,
  segmentFiles,
} from "./files.ts";
import { lockSpool } from "./lock.ts";

export interface Batch {
  readonly records: readonly Spooled[];
  /** Takes the batch out of the spool, once the other side has it. */
  leave(): void;
  /** Takes it out because the other side refuses it for good: it counts as dropped. */
  drop(): void;
}

/** What was thrown away by kind, since the spool was made: it was full, or the collector refused it for good. */
export type Dropped = Readonly<Record<string, number>>;

/**
 * A queue on disk between reading and sending. `append` returns once the records are on disk; they stay until `leave`. It
 * survives a kill at any byte: each record is framed with its length and checksum, and a torn end is cut off.
 */
export interface Spool {
  /** @returns false when nothing was taken because it is full: stop reading then, and keep the bookmark. */
  append(records: readonly Omit<Spooled, "uid">[]): boolean;
  read(limits: { readonly records: number; readonly bytes: number }): Batch | undefined;
  /** Takes out what `agent export --clear` has put on a medium. @returns how many records. */
  leaveExported(): number;
  readonly depth: number;
  readonly oldestAt: Instant | undefined;
  readonly dropped: Dropped;
  close(): void;
}

/** A segment is removed as a whole, so it is small beside the limit. */
const SEGMENTS = 16;

interface Segment {
  readonly file: string;
  readonly records: {
    readonly at: number;
    readonly length: number;
    readonly observedAt: Instant;
    readonly kind: string;
    gone: boolean;
  }[];
  size: number;
}

/** @throws Error with the directory's name, when another agent uses it or it cannot be written. */
export const openSpool = (directory: string, maxSize: number): Spool => {
  makeDirectory(directory);
  const unlock = lockSpool(directory);
  const stateFile = join(directory, STATE);
  const exportedFile = join(directory, EXPORTED);
  const state = readState(stateFile);
  const segments: Segment[] = segmentFiles(directory).map(openSegment);
  const lastNames = [segments.at(-1)?.file, state.done?.segment].map((it) =>
    it ? Number.parseInt(nameOf(it), 10) : 0,
  );
  // Behind what has left too, for it is known by its name.
  let nextSegment = Math.max(...lastNames) + 1;
  skip(segments, state.done);
  let writing: number | undefined;

  const saveState = () => saveAtomically(stateFile, JSON.stringify(state));
  const bytes = () => segments.reduce((sum, it) => sum + it.size, 0);
  const live = () =>
    segments.flatMap((it) => it.records.filter((record) => !record.gone).map((record) => ({ it, record })));

  const current = (): Segment => {
    const last = segments.at(-1);
    if (last && writing !== undefined && last.size < maxSize / SEGMENTS) return last;
    abandon();
    const file = join(directory, `${String(nextSegment++).padStart(12, "0")}.spool`);
    writing = openSync(file, "a");
    const fresh: Segment = { file, records: [], size: 0 };
    segments.push(fresh);
    return fresh;
  };

  /** Writes no more into the current segment; what is in it stays. */
  const abandon = () => {
    if (writing !== undefined) closeSync(writing);
    writing = undefined;
  };

  /** Whole segments whose records have all left. */
  const removeDone = () => {
    while (segments.length > 0 && segments[0]!.records.every((it) => it.gone)) {
      const [first] = segments.splice(0, 1);
      if (segments.length === 0) abandon();
      rmSync(first!.file, { force: true });
    }
  };

  const countDropped = (kind: string) => {
    state.dropped[kind] = (state.dropped[kind] ?? 0) + 1;
  };

  /** License states are the first to go: the next reading says it all again. Events never are. */
  const makeRoom = (wanted: number): boolean => {
    if (bytes() + wanted <= maxSize) return true;
    for (const { record } of live().filter((it) => it.record.kind === "licensing")) {
      record.gone = true;
      countDropped(record.kind);
    }
    // Places move when a segment is written anew: a crash in between must repeat records, not skip some.
    state.done = undefined;
    saveState();
    compact();
    return bytes() + wanted <= maxSize;
  };

  /** Writes anew what is left, without what was dropped. */
  const compact = () => {
    for (const segment of segments) {
      if (!segment.records.some((it) => it.gone)) continue;
      const content = readFileSync(segment.file);
      const kept = segment.records.filter((it) => !it.gone);
      saveAtomically(segment.file, Buffer.concat(kept.map((it) => content.subarray(it.at - HEAD, it.at + it.length))));
      Object.assign(segment, openSegment(segment.file));
    }
    // What was written is behind another file now.
    abandon();
    removeDone();
  };

  const leave = (places: ReturnType<typeof live>) => {
    for (const { record } of places) record.gone = true;
    const { it, record } = places.at(-1)!;
    // A segment that was written anew meanwhile has other places: what was in it is sent again, which does no harm.
    const inPlace = segments.includes(it) && it.records.includes(record);
    if (inPlace && !isDone(state.done, nameOf(it.file), record.at)) {
      state.done = { segment: nameOf(it.file), at: record.at };
      // On a full disk this makes the room that saving needs.
      removeDone();
      saveState();
    } else removeDone();
  };

  const leaveExported = (): number => {
    const upTo = exportedUid(exportedFile);
    if (upTo === undefined) return 0;
    const known = live();
    const end = lastIndexOfUid(known, upTo);
    if (end >= 0) leave(known.slice(0, end + 1));
    rmSync(exportedFile, { force: true });
    return end + 1;
  };
  leaveExported();

  return {
    leaveExported,
    append: (records) => {
      const frames = records.map((it, i) => recordFrame({ uid: `${state.instance}-${state.sequence + i}`, ...it }));
      const length = frames.reduce((sum, it) => sum + it.length, 0);
      if (!makeRoom(length)) return false;
      state.sequence += records.length;
      const segment = current();
      let at = segment.size;
      try {
        writeAll(writing!, Buffer.concat(frames));
        fsyncSync(writing!);
      } catch (cause) {
        // Part of it may be on the disk (which is full, say): nothing may ever be written behind a torn end.
        abandon();
        throw cause;
      }
      records.forEach(({ observedAt, fact }, i) => {
        const body = frames[i]!.length - HEAD;
        segment.records.push({ at: at + HEAD, length: body, observedAt, kind: fact.kind, gone: false });
        at += HEAD + body;
      });
      segment.size = at;
      return true;
    },
    read: ({ records: most, bytes: mostBytes }) => {
      const taken: ReturnType<typeof live> = [];
      let size = 0;
      for (const it of live()) {
        if (taken.length === most || (taken.length > 0 && size + it.record.length > mostBytes)) break;
        taken.push(it);
        size += it.record.length;
      }
      if (taken.length === 0) return undefined;
      const contents = new Map([...new Set(taken.map(({ it }) => it))].map((it) => [it, readFileSync(it.file)]));
      return {
        records: taken.map(({ it, record }) =>
          JSON.parse(
            contents
              .get(it)!
              .subarray(record.at, record.at + record.length)
              .toString(),
          ),
        ),
        leave: () => leave(taken),
        drop: () => {
          for (const { record } of taken) countDropped(record.kind);
          leave(taken);
        },
      };
    },
    get depth() {
      return live().length;
    },
    get oldestAt() {
      return live()[0]?.record.observedAt;
    },
    get dropped() {
      return { ...state.dropped };
    },
    close: () => {
      abandon();
      try {
        saveState();
      } finally {
        unlock();
      }
    },
  };
};

interface State {
  instance: string;
  sequence: number;
  done?: Done | undefined;
  dropped: Record<string, number>;
}

/** A new instance where there is no state: its uids can never be those of another. */
const readState = (file: string): State => {
  try {
    const known = JSON.parse(readFileSync(file, "utf8")) as Partial<State> | null;
    // The sequence is saved when records leave; after a crash it might repeat, so each start has an instance of its own.
    return { dropped: {}, ...known, instance: crypto.randomUUID(), sequence: 0 };
  } catch {
    return { instance: crypto.randomUUID(), sequence: 0, dropped: {} };
  }
};

const skip = (segments: readonly Segment[], done: Done | undefined): void => {
  for (const { file, records } of segments)
    for (const record of records) if (isDone(done, nameOf(file), record.at)) record.gone = true;
};

/** Reads the frames of a segment as far as they are whole. */
const openSegment = (file: string): Segment => {
  const segment: Segment = { file, records: [], size: 0 };
  for (const { at, length, record } of framesIn(readFileSync(file))) {
    segment.records.push({ at, length, observedAt: record.observedAt, kind: record.fact.kind, gone: false });
    segment.size = at + length;
  }
  return segment;
};

/** The last record that `agent export --clear` has put on a medium; undefined when nothing was asked. */
const exportedUid = (file: string): string | undefined => {
  if (!statSync(file, { throwIfNoEntry: false })) return undefined;
  return readFileSync(file, "utf8").trim();
};

const lastIndexOfUid = (places: readonly { it: Segment; record: { at: number } }[], uid: string): number => {
  const uids = new Map<string, string>();
  for (const it of new Set(places.map((place) => place.it)))
    for (const { at, record } of framesIn(readFileSync(it.file))) uids.set(`${it.file} ${at}`, record.uid);
  return places.findLastIndex(({ it, record }) => uids.get(`${it.file} ${record.at}`) === uid);
};

const writeAll = (fd: number, bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
};

const makeDirectory = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EEXIST" || code === "ENOTDIR" ? "a file is in the way" : message;
    throw new Error(`spool.directory ${directory} cannot be made: ${why}`, { cause });
  }
};
