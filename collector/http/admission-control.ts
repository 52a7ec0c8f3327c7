const MIB = 1024 * 1024;
/** What has arrived of bodies that are not complete yet, of all senders together. */
const ARRIVED_MAX = 128 * MIB;
/** Larger bodies than any of our agents sends leave space for those. */
export const LARGE = 2 * MIB;
const LARGE_ARRIVED_MAX = 96 * MIB;

/** One body on its way. */
export interface ArrivingBody {
  /** More of it has come. False: there is no space for it; the sender has been told. */
  arrived(bytes: number): boolean;
  /** It is complete, or will never be. */
  end(): void;
}

/** Bounds the memory that incomplete bodies take, by what has arrived of them, whatever they announce. */
export interface AdmissionControl {
  /** `turnAway` is called when the body must give up its space: it is the one that has been arriving for the longest time. */
  open(turnAway: () => void): ArrivingBody;
}

interface Entry {
  bytes: number;
  readonly turnAway: () => void;
}

/**
 * A sender that is slow, or stalls, does not keep others out: where space is short, the body that began first is ended, and an
 * honest body is complete long before it is the oldest.
 */
export const admissionControl = (): AdmissionControl => {
  // In the order in which they began.
  const entries = new Set<Entry>();
  let total = 0;
  let large = 0;
  const count = (entry: Entry, bytes: number): void => {
    if (entry.bytes > LARGE) large -= entry.bytes;
    total += bytes - entry.bytes;
    entry.bytes = bytes;
    if (entry.bytes > LARGE) large += entry.bytes;
  };
  const remove = (entry: Entry): void => {
    if (!entries.delete(entry)) return;
    count(entry, 0);
  };
  const turnAwayOldest = (which: (entry: Entry) => boolean): void => {
    for (const entry of entries) {
      if (!which(entry)) continue;
      remove(entry);
      entry.turnAway();
      return;
    }
  };
  return {
    open: (turnAway) => {
      const entry: Entry = { bytes: 0, turnAway };
      entries.add(entry);
      return {
        arrived: (bytes) => {
          if (!entries.has(entry)) return false;
          count(entry, entry.bytes + bytes);
          while (large > LARGE_ARRIVED_MAX) turnAwayOldest((it) => it.bytes > LARGE);
          while (total > ARRIVED_MAX) turnAwayOldest((it) => it.bytes > 0);
          return entries.has(entry);
        },
        end: () => remove(entry),
      };
    },
  };
};
