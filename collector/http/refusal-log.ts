import type { Log } from "../../config/log.ts";
import { type Clock, type Instant, iso, MINUTE } from "../../licensing/time.ts";
import type { RefusedRequests } from "../ui/refused-requests.ts";
import { REFUSAL_CAUSES, type RefusalCause } from "./refusal.ts";

/** What is remembered of refused requests: so many senders, those that were refused last. */
const SENDERS_MAX = 100;
/** Each cause is logged so often at most. */
const LOG_EVERY = MINUTE;
const DETAIL_MAX = 300;

/** One sender's refused requests of one cause, for `/api/v1/refusals`. */
export interface RefusedSender {
  readonly cause: RefusalCause;
  readonly address: string;
  readonly requests: number;
  readonly first: string;
  readonly last: string;
  /** What the sender was told the last time. */
  readonly detail: string;
}

export interface RefusalLog {
  record(cause: RefusalCause, address: string | undefined, detail: string): void;
  /** The newest first. */
  senders(): RefusedSender[];
  /** Exact counts, for the status page; the causes in which requests were refused, the last one first. */
  causes(): RefusedRequests[];
}

interface Entry {
  readonly cause: RefusalCause;
  readonly address: string;
  requests: number;
  readonly first: Instant;
  last: Instant;
  detail: string;
}

/** Counts refused requests, remembers their senders, and logs each cause once a minute at most. All of it is bounded. */
export const refusalLog = ({
  clock,
  log,
  count,
}: {
  clock: Clock;
  log: Log;
  count: (cause: RefusalCause) => void;
}): RefusalLog => {
  // In the order of the last refusal: the first is the one to be forgotten.
  const entries = new Map<string, Entry>();
  const causes = new Map<RefusalCause, RefusedRequests>();
  const quiet = new Map(REFUSAL_CAUSES.map((it) => [it, { until: Number.NEGATIVE_INFINITY, unlogged: 0 }]));
  return {
    record: (cause, address = "unknown address", detail) => {
      count(cause);
      const now = clock();
      const key = `${cause} ${address}`;
      const entry = entries.get(key) ?? { cause, address, requests: 0, first: now, last: now, detail };
      entry.requests += 1;
      entry.last = now;
      entry.detail = detail.slice(0, DETAIL_MAX);
      entries.delete(key);
      entries.set(key, entry);
      if (entries.size > SENDERS_MAX) entries.delete(entries.keys().next().value!);

      const requests = (causes.get(cause)?.requests ?? 0) + 1;
      causes.delete(cause);
      causes.set(cause, { cause, requests, address, last: now, detail: entry.detail });

      const state = quiet.get(cause)!;
      state.unlogged += 1;
      // A clock that was set back must not silence the log.
      if (now < state.until && state.until - now <= LOG_EVERY) return;
      const others = state.unlogged > 1 ? ` (${state.unlogged} such requests since the last message)` : "";
      log.warn(`Refused a request from ${address}: ${entry.detail}${others}`);
      state.until = now + LOG_EVERY;
      state.unlogged = 0;
    },
    causes: () => [...causes.values()].reverse(),
    senders: () =>
      [...entries.values()].reverse().map(({ first, last, ...it }) => ({ ...it, first: iso(first), last: iso(last) })),
  };
};
