import { readChecked, saveChecked } from "./checked-file.ts";
import { isSegmentName } from "./files.ts";

/** Everything up to this record has left. */
export interface Done {
  readonly segment: string;
  readonly at: number;
}

export const isDone = (done: Done | undefined, segment: string, at: number): boolean =>
  done !== undefined && (segment < done.segment || (segment === done.segment && at <= done.at));

/** What a spool knows beside its segments. */
export interface State {
  done?: Done | undefined;
  /** Records that were thrown away, by kind. */
  dropped: Record<string, number>;
  /** Damaged records of a segment that are counted already. */
  damaged: Record<string, number>;
}

/** A state that is damaged says nothing: what had left is sent once more, which counts nothing twice. */
export const readState = (file: string): { readonly state: State; readonly damaged: boolean } => {
  const read = readChecked(file);
  const empty: State = { dropped: {}, damaged: {} };
  if (read.state !== "read") return { state: empty, damaged: read.state === "damaged" };
  const { done, dropped, damaged } = read.members;
  // Without a checksum a flipped bit may be in a key as well: then nothing of the file is believed.
  if (!read.checked && !Object.keys(read.members).every((it) => EARLIER_KEYS.includes(it)))
    return { state: empty, damaged: true };
  return {
    state: {
      ...(isPlace(done) && { done: { segment: done.segment, at: done.at } }),
      dropped: countsIn(dropped),
      damaged: countsIn(damaged),
    },
    damaged: done !== undefined && !isPlace(done),
  };
};

export const saveState = (file: string, { done, dropped, damaged }: State): void =>
  saveChecked(file, { ...(done && { done }), dropped, damaged });

const EARLIER_KEYS = ["instance", "sequence", "done", "dropped"];

const isPlace = (value: unknown): value is Done => {
  if (typeof value !== "object" || value === null) return false;
  const { segment, at } = value as Partial<Record<keyof Done, unknown>>;
  return isSegmentName(segment) && typeof at === "number" && Number.isSafeInteger(at) && at >= 0;
};

const countsIn = (value: unknown): Record<string, number> =>
  typeof value !== "object" || value === null
    ? {}
    : Object.fromEntries(
        Object.entries(value).filter(
          (it): it is [string, number] => typeof it[1] === "number" && Number.isSafeInteger(it[1]) && it[1] >= 0,
        ),
      );
