import { statSync } from "node:fs";
import { join } from "node:path";
import { nameOf, STATE, segmentFiles } from "./files.ts";
import { recordsIn, type Spooled } from "./frames.ts";
import { contentOf, newSegment } from "./segment.ts";
import { isDone, readState } from "./state.ts";

/**
 * What lies in a spool now, one segment at a time, without taking it and whether or not an agent has it open. A segment that
 * disappears meanwhile was delivered. In doubt a record is given though it has been delivered: that does no harm.
 *
 * @throws Error when there is no spool.
 */
export function* spoolSnapshot(directory: string): Generator<readonly Spooled[]> {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(
      `There is no spool at ${directory}: no agent has run with this configuration. Name the right one with --config.`,
    );
  for (const file of segmentFiles(directory)) {
    const records = segmentNow(file, join(directory, STATE));
    if (records.length > 0) yield records;
  }
}

const TRIES = 10;

/** Places move when the agent writes a segment anew, which it tells before it does: then it is read again. */
const segmentNow = (file: string, stateFile: string): Spooled[] => {
  for (let left = TRIES; ; left -= 1) {
    const before = readState(stateFile).state.done;
    const content = contentOf(newSegment(file));
    const after = readState(stateFile).state.done;
    if (!content) return [];
    const same = before?.segment === after?.segment && before?.at === after?.at;
    if (!same && left > 0) continue;
    return recordsIn(content)
      .filter(({ at }) => !isDone(same ? before : undefined, nameOf(file), at))
      .map(({ record }) => record);
  }
};
