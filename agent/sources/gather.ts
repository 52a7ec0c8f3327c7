import type { Spool } from "../spool/spool.ts";
import type { Bookmarks } from "./bookmarks.ts";
import type { Progress } from "./progress.ts";
import type { Observed, Read, Source } from "./source.ts";

export interface GatherParts {
  readonly spool: Spool;
  readonly bookmarks: Bookmarks;
  readonly progress: Progress;
  /** What was read and did not fit into the spool, by source. */
  readonly unspooled?: Map<string, Unspooled>;
}

/** A reading of which a part is in the spool already. */
export interface Unspooled {
  readonly read: Read;
  readonly left: readonly Observed[];
}

export type Gathered = "read" | "more" | "full" | "failed";

/**
 * Source → spool → bookmark, once: what was read is on disk before the bookmark moves. One source that fails is counted and
 * never silences the others; while the spool is full nothing is read, and the event log keeps what is to come. A stop does
 * not wait for a reading: what it would have brought is read by the next start.
 *
 * A reading that is larger than the spool goes there in parts. What does not fit yet is held back, and the bookmark with it.
 */
export const gather = async (source: Source, parts: GatherParts, signal: AbortSignal): Promise<Gathered> => {
  const { bookmarks, progress, unspooled } = parts;
  try {
    const held = unspooled?.get(source.name);
    if (held) return spoolRead(source, held, parts) ? "more" : "full";
    const read = await unlessStopped(source.read(bookmarks.load(source.name), signal), signal);
    if (read === STOPPED) return "read";
    if (!spoolRead(source, { read, left: read.facts }, parts)) return "full";
    return read.more ? "more" : "read";
  } catch (cause) {
    progress.failed(source.name, cause as Error, source.label);
    return "failed";
  }
};

/** @returns whether all of it is in the spool; then the bookmark has moved. */
const spoolRead = (
  { name }: Source,
  { read, left }: Unspooled,
  { spool, bookmarks, progress, unspooled }: GatherParts,
): boolean => {
  const spooled = appendFrom(spool, left);
  if (spooled < left.length) {
    // A source without a bookmark is read anew instead, which tells more.
    if (read.bookmark !== undefined) unspooled?.set(name, { read, left: left.slice(spooled) });
    return false;
  }
  unspooled?.delete(name);
  if (read.bookmark !== undefined) bookmarks.save(name, read.bookmark);
  progress.succeeded(name, read);
  return true;
};

/**
 * Appends all at once, or else as many as fit, in growing parts.
 *
 * @returns how many.
 * @throws Error of the file system, when not even one fits on a full disk.
 */
const appendFrom = (spool: Spool, facts: readonly Observed[]): number => {
  if (facts.length === 0 || fits(spool, facts)) return facts.length;
  let appended = 0;
  for (let size = 1; appended < facts.length; ) {
    const part = facts.slice(appended, appended + size);
    if (size === 1 && appended === 0 ? spool.append(part) : fits(spool, part)) {
      appended += part.length;
      size *= 2;
    } else if (size === 1) break;
    else size = 1;
  }
  return appended;
};

const DISK_FULL = ["ENOSPC", "EDQUOT", "EFBIG"];

const fits = (spool: Spool, facts: readonly Observed[]): boolean => {
  try {
    return spool.append(facts);
  } catch (cause) {
    if (DISK_FULL.includes((cause as NodeJS.ErrnoException).code ?? "")) return false;
    throw cause;
  }
};

const STOPPED = Symbol("stopped");
const unlessStopped = <T>(reading: Promise<T>, signal: AbortSignal): Promise<T | typeof STOPPED> =>
  new Promise((resolve, reject) => {
    const stop = () => resolve(STOPPED);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    reading.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
