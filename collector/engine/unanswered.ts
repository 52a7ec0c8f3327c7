import type { Clock, Instant } from "../../licensing/time.ts";

/** Watches whether questions are answered, so that a store that fails and one that hangs are both noticed. */
export interface Unanswered {
  asked(id: number): void;
  answered(id: number): void;
  /** The store's server could not be reached. */
  unreachable(id: number): void;
  /** It failed for another reason, which says nothing about the server. */
  failed(id: number): void;
  /** When the oldest question without an answer was asked; undefined while all are answered. */
  readonly since: Instant | undefined;
}

export const unanswered = (clock: Clock): Unanswered => {
  /** In the order in which they were asked. */
  const waiting = new Map<number, Instant>();
  let lostSince: Instant | undefined;
  return {
    asked: (id) => void waiting.set(id, clock()),
    answered: (id) => {
      if (waiting.delete(id)) lostSince = undefined;
    },
    unreachable: (id) => {
      lostSince ??= waiting.get(id);
      waiting.delete(id);
    },
    failed: (id) => void waiting.delete(id),
    get since() {
      const [oldest] = waiting.values();
      return lostSince !== undefined && oldest !== undefined ? Math.min(lostSince, oldest) : (lostSince ?? oldest);
    },
  };
};
