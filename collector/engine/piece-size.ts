/** So long one piece of a recount or a sweep should take at most: requests have their turn after it. */
const LONG_MS = 200;
const SHORT_MS = 60;

/** How many rows the next piece of long work takes: fewer on a slow or busy computer, so that no request waits long. */
export interface PieceSize {
  /** A share of a whole piece, from a tenth to 1. */
  readonly share: number;
  /** Does the work of one piece, and learns from how long it takes. */
  timed<T>(piece: () => Promise<T>): Promise<T>;
}

export const pieceSize = (monotonic: () => number = () => performance.now()): PieceSize => {
  let share = 1;
  return {
    get share() {
      return share;
    },
    timed: async (piece) => {
      const started = monotonic();
      const result = await piece();
      const took = monotonic() - started;
      if (took > LONG_MS) share = Math.max(share / 2, 0.1);
      else if (took < SHORT_MS) share = Math.min(share * 2, 1);
      return result;
    },
  };
};

/** Of a whole piece of so many rows. */
export const rowsOf = (most: number, share: number): number => Math.max(1, Math.round(most * share));
