import type { Spool } from "../spool/spool.ts";
import type { Bookmarks } from "./bookmarks.ts";
import type { Progress } from "./progress.ts";
import type { Source } from "./source.ts";

export interface GatherParts {
  readonly spool: Spool;
  readonly bookmarks: Bookmarks;
  readonly progress: Progress;
}

export type Gathered = "read" | "more" | "full" | "failed";

/**
 * Source → spool → bookmark, once: what was read is on disk before the bookmark moves. One source that fails is counted and
 * never silences the others; while the spool is full nothing is read, and the event log keeps what is to come. A stop does
 * not wait for a reading: what it would have brought is read by the next start.
 */
export const gather = async (
  source: Source,
  { spool, bookmarks, progress }: GatherParts,
  signal: AbortSignal,
): Promise<Gathered> => {
  try {
    const read = await unlessStopped(source.read(bookmarks.load(source.name), signal), signal);
    if (read === STOPPED) return "read";
    if (read.facts.length > 0 && !spool.append(read.facts)) return "full";
    if (read.bookmark !== undefined) bookmarks.save(source.name, read.bookmark);
    progress.succeeded(source.name, read);
    return read.more ? "more" : "read";
  } catch (cause) {
    progress.failed(source.name, cause as Error, source.label);
    return "failed";
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
