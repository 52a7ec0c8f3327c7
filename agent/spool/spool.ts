import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Instant } from "../../licensing/time.ts";
import { EXPORTED, makeDirectory, numberOf, STATE, segmentFiles, segmentName } from "./files.ts";
import { HEAD, recordFrame, type Spooled } from "./frames.ts";
import { firstOf, type Located, lastBeforeLive, lastWithUid, liveIn, recordsOf } from "./located.ts";
import { lockSpool } from "./lock.ts";
import { compact, type Damage, openSegment, type Segment, type SegmentWriter, writeSegment } from "./segment.ts";
import type { Batch, Dropped, ReadLimits, Spool } from "./spool-contract.ts";
import { isDone, readState, saveState } from "./state.ts";

export type { Batch, Dropped, ReadLimits, Spool } from "./spool-contract.ts";

/** A segment is removed as a whole, so it is small beside the limit. */
const SEGMENTS = 16;
/** What goes when it is full, the first first: the next reading says it all again. Events never go. */
const REPLACEABLE = [["licensing"], ["heartbeat", "probe"]];

/**
 * @param warn told what is damaged and what becomes of it.
 * @throws SpoolInUseError; Error with the directory's name, when it cannot be made, read or written.
 */
export const openSpool = (directory: string, maxSize: number, warn: (text: string) => void = () => {}): Spool => {
  makeDirectory(directory);
  const unlock = lockSpool(directory);
  try {
    return new DiskSpool(directory, maxSize, warn, unlock);
  } catch (cause) {
    unlock();
    throw cause;
  }
};

class DiskSpool implements Spool {
  readonly #directory: string;
  readonly #maxSize: number;
  readonly #warn: (text: string) => void;
  readonly #unlock: () => void;
  /** Each start has an instance of its own, so that no two records ever have the same uid. */
  readonly #instance = crypto.randomUUID();
  readonly #state: ReturnType<typeof readState>["state"];
  readonly #segments: Segment[] = [];
  #sequence = 0;
  #nextSegment: number;
  #writer: SegmentWriter | undefined;

  constructor(directory: string, maxSize: number, warn: (text: string) => void, unlock: () => void) {
    this.#directory = directory;
    this.#maxSize = maxSize;
    this.#warn = warn;
    this.#unlock = unlock;
    const { state, damaged } = readState(this.#file(STATE));
    this.#state = state;
    if (damaged)
      warn(`${this.#file(STATE)} is damaged: what had left may be sent once more, which counts nothing twice.`);
    for (const file of segmentFiles(directory)) this.#open(file);
    const last = this.#segments.at(-1)?.name;
    // Behind what has left too, for it is known by its name.
    this.#nextSegment = Math.max(...[last, state.done?.segment].map((it) => (it ? numberOf(it) : 0))) + 1;
    this.#removeDone();
    this.leaveExported();
  }

  get depth(): number {
    return this.#live().length;
  }

  get oldestAt(): Instant | undefined {
    return this.#live()[0]?.place.observedAt;
  }

  get dropped(): Dropped {
    return { ...this.#state.dropped };
  }

  append(records: readonly Omit<Spooled, "uid">[]): boolean {
    const frames = records.map((it, i) => recordFrame({ ...it, uid: `${this.#instance}-${this.#sequence + i}` }));
    const length = frames.reduce((sum, it) => sum + it.length, 0);
    if (!this.#makeRoom(length, records.length)) return false;
    this.#sequence += records.length;
    const writer = this.#writing();
    let at = writer.segment.size;
    const places = records.map(({ host, observedAt, fact }, i) => {
      const body = frames[i]!.length - HEAD;
      at += HEAD + body;
      return { at: at - body, length: body, observedAt, kind: fact.kind, host };
    });
    try {
      writer.append(Buffer.concat(frames), places);
    } catch (cause) {
      if (writer.broken) this.#stopWriting();
      this.#removeDone();
      throw cause;
    }
    return true;
  }

  read(limits: ReadLimits): Batch | undefined {
    const taken = firstOf(this.#live(), limits);
    if (taken.length === 0) return undefined;
    const found = this.#recordsAt(taken);
    // Damaged since it was opened: what remains is read again, without it.
    if (found.length < taken.length) return this.read(limits);
    return {
      records: found,
      leave: () => this.#leave(taken),
      drop: () => {
        for (const { place } of taken) this.#countDropped(place.kind);
        this.#leave(taken);
      },
    };
  }

  leaveExported(): number {
    const request = this.#file(EXPORTED);
    if (!statSync(request, { throwIfNoEntry: false })) return 0;
    const uid = readFileSync(request, "utf8").trim();
    const live = this.#live();
    const end = lastWithUid(live, uid);
    if (end >= 0) this.#leave(live.slice(0, end + 1));
    rmSync(request, { force: true });
    return end + 1;
  }

  close(): void {
    this.#stopWriting();
    try {
      saveState(this.#file(STATE), this.#state);
    } catch (cause) {
      this.#warn(
        `${this.#file(STATE)} cannot be saved, so that some records may be sent again: ${(cause as Error).message}`,
      );
    } finally {
      this.#unlock();
    }
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }

  #open(file: string): void {
    const { segment, damage } = openSegment(file);
    for (const place of segment.places) place.gone = isDone(this.#state.done, segment.name, place.at);
    this.#tellDamage(segment, damage);
    this.#segments.push(segment);
  }

  /** Damaged records are counted once, however often the segment is opened before it is removed. */
  #tellDamage({ name, file }: Segment, { records, tornBytes, unreadable }: Damage): void {
    const fresh = records - (this.#state.damaged[name] ?? 0);
    if (fresh > 0) {
      this.#countDropped(DAMAGED, fresh);
      this.#state.damaged[name] = records;
      this.#warn(`${file}: ${fresh} damaged records are left out and counted as dropped; the others are sent.`);
    }
    if (tornBytes > 0) this.#warn(`${file}: its last ${tornBytes} bytes were never completed and are left out.`);
    if (unreadable) this.#warn(`${file} cannot be read; what is in it is left out.`);
  }

  #live(): Located[] {
    return liveIn(this.#segments);
  }

  #bytes(): number {
    return this.#segments.reduce((sum, it) => sum + it.size, 0);
  }

  #countDropped(kind: string, records = 1): void {
    this.#state.dropped[kind] = (this.#state.dropped[kind] ?? 0) + records;
  }

  #makeRoom(wanted: number, records: number): boolean {
    const fits = () => this.#bytes() + wanted <= this.#maxSize;
    if (fits() || (records === 1 && this.depth === 0)) return true;
    if (wanted > this.#maxSize) return false;
    for (const kinds of REPLACEABLE) {
      const going = this.#live().filter(({ place }) => kinds.includes(place.kind));
      if (going.length === 0) continue;
      for (const { place } of going) {
        place.gone = true;
        this.#countDropped(place.kind);
      }
      this.#compact();
      if (fits()) return true;
    }
    return false;
  }

  /** Writes again the segments from which records are gone. */
  #compact(): void {
    // Places move when a segment is written again: a crash in between must repeat records, not skip some.
    this.#state.done = undefined;
    saveState(this.#file(STATE), this.#state);
    this.#stopWriting();
    for (const segment of this.#segments)
      if (segment.places.some((it) => it.gone)) {
        compact(segment);
        delete this.#state.damaged[segment.name];
      }
    this.#removeDone();
  }

  #writing(): SegmentWriter {
    if (this.#writer && this.#writer.segment.size < this.#maxSize / SEGMENTS) return this.#writer;
    this.#stopWriting();
    const writer = writeSegment(this.#file(segmentName(this.#nextSegment)));
    this.#nextSegment += 1;
    this.#segments.push(writer.segment);
    this.#writer = writer;
    return writer;
  }

  /** Nothing more is written into the current segment; what is in it stays. */
  #stopWriting(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  /** Whole segments whose records have all left. */
  #removeDone(): void {
    for (const segment of this.#segments.filter((it) => it.places.every((place) => place.gone))) {
      if (segment === this.#writer?.segment) this.#stopWriting();
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      rmSync(segment.file, { force: true, recursive: true });
      delete this.#state.damaged[segment.name];
    }
  }

  #leave(taken: readonly Located[]): void {
    for (const { place } of taken) place.gone = true;
    this.#state.done = lastBeforeLive(this.#segments) ?? this.#state.done;
    // On a full disk this frees the space that saving needs.
    this.#removeDone();
    saveState(this.#file(STATE), this.#state);
  }

  /** The records themselves; one that is damaged by now is gone, and counted. */
  #recordsAt(taken: readonly Located[]): Spooled[] {
    const { found, damaged } = recordsOf(taken);
    for (const { segment, place } of damaged) {
      place.gone = true;
      this.#countDropped(DAMAGED);
      this.#state.damaged[segment.name] = (this.#state.damaged[segment.name] ?? 0) + 1;
    }
    const lost = taken.length - found.length;
    if (lost > 0) this.#warn(`${this.#directory}: ${lost} records were damaged on disk and are counted as dropped.`);
    return found;
  }
}

const DAMAGED = "damaged";
