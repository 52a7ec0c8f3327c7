import { ERROR, type LogInfo } from "../wevtapi.ts";
import { WindowsError } from "../windows-error.ts";

/** Where reading goes on. */
export interface Position {
  /** As Windows wrote it; without one at the log's start. */
  readonly bookmark?: string;
  /** Up to this record number nothing that is wanted was missed: a filter makes bookmarks old in a busy log. */
  readonly readTo?: number;
}

/** Records that were gone before they could be read. */
export interface Gap {
  /** How many at most; absent where nothing tells. */
  readonly records?: number;
  readonly reason: string;
}

/** What Windows answers to a strict bookmark whose event is not there any more. */
const GONE: ReadonlySet<number> = new Set([ERROR.notFound, ERROR.queryStale, ERROR.positionInvalid]);

export const isGone = (cause: unknown): cause is WindowsError => cause instanceof WindowsError && GONE.has(cause.code);

/** Where to go on behind a record that is gone, and what may be missing. Pure. */
export const gapAfter = (
  record: number | undefined,
  readTo: number | undefined,
  { oldest, newest }: LogInfo,
): { startAtOldest: boolean; gap?: Gap } => {
  if (record === undefined) return { startAtOldest: true, gap: { reason: "the bookmark names no record" } };
  const known = Math.max(record, readTo ?? 0);
  // A number that the log has not reached, or has without the event: its numbers began anew.
  if (known > newest || record >= oldest)
    return { startAtOldest: true, gap: { reason: "the log was cleared or made anew" } };
  const missing = oldest - 1 - known;
  return { startAtOldest: false, ...(missing > 0 && { gap: { records: missing, reason: "the log overwrote them" } }) };
};

export const recordIn = (bookmark: string): number | undefined => {
  const [, record] = /\bRecordId=['"](\d{1,15})['"]/.exec(bookmark) ?? [];
  return record === undefined ? undefined : Number(record);
};
