import { DAY, type Instant, MINUTE } from "../../licensing/time.ts";
import type { ClockDoubt } from "../summary/clock-doubt.ts";

/** Clocks differ; by a day only where one of them is wrong. */
const TOLERANCE = DAY;
/** A collector may have been stopped for so long without anybody doubting its clock at the next start. */
const PAUSE = 7 * DAY;
/** So long an agent's word about the time counts, by a clock that only goes on. */
const VOTE_LIFETIME = 30 * MINUTE;
const VOTES_MAX = 200;
/** Agents heartbeat every 15 minutes: who has none is not held up for longer. */
const UNDECIDED = 15 * MINUTE;
/** No sender contradicted for so long: time really went on. */
const UNCONTRADICTED = DAY;
/** So many agents that contradict are needed where nothing else says that the clock is wrong. */
const VOTERS_MIN = 3;

/** Watches the collector's own clock: what a wrong one deletes or stores is gone or wrong for good. */
export interface ClockGuard {
  /** An agent sent a request when its clock said `sentAt`; it arrived when this computer's clock said `receivedAt`. */
  vote(agent: string, sentAt: Instant, receivedAt: Instant): void;
  /** Why the clock is doubted: nothing is deleted by it then. */
  suspicion(): ClockDoubt | undefined;
  /** Why nothing may be stored by it. */
  refusal(): ClockDoubt | undefined;
}

interface Clocks {
  readonly wall: () => Instant;
  /** Milliseconds that only go on, whatever is set. */
  readonly monotonic: () => number;
}

/** @param known the newest time that a collector on this store was sure of; undefined at the first start. */
export const clockGuard = ({ wall, monotonic }: Clocks, known: Instant | undefined): ClockGuard => {
  const votes = new Map<string, { readonly agrees: boolean; readonly at: number }>();
  let last = { wall: wall(), monotonic: monotonic() };
  let evidence: { readonly reason: ClockDoubt; readonly since: number } | undefined;
  const doubt = (reason: ClockDoubt) => {
    evidence = { reason, since: last.monotonic };
    votes.clear();
  };
  if (known !== undefined && (last.wall < known - TOLERANCE || last.wall > known + PAUSE))
    doubt({ kind: "start", now: last.wall, written: known });

  const look = (): { agreeing: number; contradicting: number } => {
    const now = { wall: wall(), monotonic: monotonic() };
    const jump = now.wall - last.wall - (now.monotonic - last.monotonic);
    const before = last.wall;
    last = now;
    if (Math.abs(jump) > TOLERANCE) doubt({ kind: "jump", from: before, to: now.wall });
    let agreeing = 0;
    let contradicting = 0;
    for (const [agent, { agrees, at }] of votes) {
      if (at < now.monotonic - VOTE_LIFETIME) votes.delete(agent);
      else if (agrees) agreeing += 1;
      else contradicting += 1;
    }
    const isAgreed = agreeing > 0 && agreeing >= contradicting;
    const isOld = evidence && contradicting === 0 && now.monotonic > evidence.since + UNCONTRADICTED;
    if (isAgreed || isOld) evidence = undefined;
    return { agreeing, contradicting };
  };
  const contradicted = ({ agreeing, contradicting }: ReturnType<typeof look>): ClockDoubt | undefined =>
    contradicting > agreeing && (evidence || contradicting >= VOTERS_MIN)
      ? { kind: "agents", contradicting, all: agreeing + contradicting }
      : undefined;
  return {
    vote: (agent, sentAt, receivedAt) => {
      look();
      votes.delete(agent);
      votes.set(agent, { agrees: Math.abs(sentAt - receivedAt) <= TOLERANCE, at: last.monotonic });
      if (votes.size > VOTES_MAX) votes.delete(votes.keys().next().value!);
    },
    suspicion: () => {
      const reason = contradicted(look());
      return reason ?? evidence?.reason;
    },
    refusal: () => {
      const seen = look();
      const reason = contradicted(seen);
      if (reason) return reason;
      const isUndecided = evidence && seen.agreeing === 0 && last.monotonic < evidence.since + UNDECIDED;
      return isUndecided ? evidence!.reason : undefined;
    },
  };
};

/** The state of a clock that is not in doubt. */
export const TRUSTED_CLOCK: ClockGuard = { vote: () => {}, suspicion: () => undefined, refusal: () => undefined };
