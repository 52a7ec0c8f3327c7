import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Fact } from "../licensing/fact.ts";
import type { Instant } from "../licensing/time.ts";
import { saveAtomically } from "./atomic.ts";

/** A fact on its way: about whom, when it was observed, and the uid that stays the same however often it is sent. */
export interface Spooled {
  readonly uid: string;
  readonly host: string;
  readonly observedAt: Instant;
  readonly fact: Fact;
}

export interface Batch {
  readonly records: readonly Spooled[];
  /** Takes the batch out of the spool, once the other side has it (or refused it for good). */
  leave(): void;
}

/** What was thrown away because the spool was full, by kind, since it was made. */
export type Dropped = Readonly<Record<string, number>>;

/**
 * A queue on disk between reading and sending. `append` returns once the records are on disk; they stay until `leave`. It
 * survives a kill at any byte: each record is framed with its length and checksum, and a torn end is cut off.
 */
export interface Spool {
  /** @returns false when nothing was taken because it is full: stop reading then, and keep the bookmark. */
  append(records: readonly Omit<Spooled, "uid">[]): boolean;
  read(limits: { readonly records: number; readonly bytes: number }): Batch | undefined;
  readonly depth: number;
  readonly oldestAt: Instant | undefined;
  readonly dropped: Dropped;
  close(): void;
}

const HEAD = 8;
/** A segment is removed as a whole, so it is small beside the limit. */
const SEGMENTS = 16;
const SEGMENT = /^(\d{12})\.spool$/;

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
  mkdirSync(directory, { recursive: true });
  const unlock = lock(directory);
  const stateFile = join(directory, "state.json");
  const state = readState(stateFile);
  const segments: Segment[] = readdirSync(directory)
    .filter((it) => SEGMENT.test(it))
    .sort()
    .map((it) => openSegment(join(directory, it)));
  let nextSegment = Number(SEGMENT.exec(segments.at(-1)?.file.slice(-18) ?? "")?.[1] ?? 0) + 1;
  skip(segments, state.done);
  let writing: number | undefined;

  const saveState = () => saveAtomically(stateFile, JSON.stringify(state));
  const bytes = () => segments.reduce((sum, it) => sum + it.size, 0);
  const live = () =>
    segments.flatMap((it) => it.records.filter((record) => !record.gone).map((record) => ({ it, record })));

  const current = (): Segment => {
    const last = segments.at(-1);
    if (last && writing !== undefined && last.size < maxSize / SEGMENTS) return last;
    if (writing !== undefined) closeSync(writing);
    const file = join(directory, `${String(nextSegment++).padStart(12, "0")}.spool`);
    writing = openSync(file, "a");
    const fresh: Segment = { file, records: [], size: 0 };
    segments.push(fresh);
    return fresh;
  };

  /** Whole segments whose records have all left. */
  const removeDone = () => {
    while (segments.length > 0 && segments[0]!.records.every((it) => it.gone)) {
      const [first] = segments.splice(0, 1);
      if (segments.length === 0 && writing !== undefined) {
        closeSync(writing);
        writing = undefined;
      }
      state.done = undefined;
      saveState();
      rmSync(first!.file, { force: true });
    }
  };

  /** License states are the first to go: the next reading says it all again. Events never are. */
  const makeRoom = (wanted: number): boolean => {
    if (bytes() + wanted <= maxSize) return true;
    for (const { record } of live().filter((it) => it.record.kind === "licensing")) {
      record.gone = true;
      state.dropped.licensing = (state.dropped.licensing ?? 0) + 1;
    }
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
    if (writing !== undefined) closeSync(writing);
    writing = undefined;
    state.done = undefined;
    saveState();
    removeDone();
  };

  return {
    append: (records) => {
      const frames = records.map((it, i) => frameOf({ uid: `${state.instance}-${state.sequence + i}`, ...it }));
      const length = frames.reduce((sum, it) => sum + it.length, 0);
      if (!makeRoom(length)) return false;
      state.sequence += records.length;
      const segment = current();
      let at = segment.size;
      writeAll(writing!, Buffer.concat(frames));
      fsyncSync(writing!);
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
        leave: () => {
          for (const { record } of taken) record.gone = true;
          const last = taken.at(-1)!;
          state.done = { segment: last.it.file.slice(-18), at: last.record.at };
          saveState();
          removeDone();
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
      if (writing !== undefined) closeSync(writing);
      saveState();
      unlock();
    },
  };
};

interface State {
  instance: string;
  sequence: number;
  /** Everything up to this record has left. */
  done?: { segment: string; at: number } | undefined;
  dropped: Record<string, number>;
}

/** A new instance where there is no state: its uids can never be those of another. */
const readState = (file: string): State => {
  try {
    const known = JSON.parse(readFileSync(file, "utf8")) as State;
    // The sequence is saved when records leave; after a crash it might repeat, so each start has an instance of its own.
    return { ...known, instance: crypto.randomUUID(), sequence: 0 };
  } catch {
    return { instance: crypto.randomUUID(), sequence: 0, dropped: {} };
  }
};

const skip = (segments: readonly Segment[], done: State["done"]): void => {
  if (!done) return;
  for (const it of segments) {
    const name = it.file.slice(-18);
    for (const record of it.records)
      if (name < done.segment || (name === done.segment && record.at <= done.at)) record.gone = true;
  }
};

const frameOf = (record: Spooled): Buffer => {
  const body = Buffer.from(JSON.stringify(record));
  const frame = Buffer.alloc(HEAD + body.length);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  body.copy(frame, HEAD);
  return frame;
};

/** Reads the frames of a segment as far as they are whole; a crash in mid-write leaves a torn end, which was never acknowledged. */
const openSegment = (file: string): Segment => {
  const content = readFileSync(file);
  const segment: Segment = { file, records: [], size: 0 };
  for (let at = 0; at + HEAD <= content.length; ) {
    const length = content.readUInt32BE(at);
    const body = content.subarray(at + HEAD, at + HEAD + length);
    if (body.length !== length || crc32(body) !== content.readUInt32BE(at + 4)) break;
    const { observedAt, fact } = JSON.parse(body.toString()) as Spooled;
    segment.records.push({ at: at + HEAD, length, observedAt, kind: fact.kind, gone: false });
    at += HEAD + length;
    segment.size = at;
  }
  return segment;
};

const writeAll = (fd: number, bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
};

/** Two agents on one spool would send everything twice and lose what the other adds. */
const lock = (directory: string): (() => void) => {
  const file = join(directory, "lock");
  const holder = Number(statSync(file, { throwIfNoEntry: false }) ? readFileSync(file, "utf8") : 0);
  if (holder && holder !== process.pid && isAlive(holder))
    throw new Error(
      `spool.directory ${directory} is used by process ${holder}; stop it, or give this agent another directory.`,
    );
  saveAtomically(file, String(process.pid));
  return () => rmSync(file, { force: true });
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
};
