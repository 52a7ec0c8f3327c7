import type { HeartbeatFact } from "../licensing/facts.ts";
import { type Clock, SECOND } from "../licensing/time.ts";
import type { Computers } from "./computer.ts";
import type { AgentConfig } from "./config.ts";
import type { Progress } from "./sources/progress.ts";
import type { Spool } from "./spool/spool.ts";

/** Heartbeats tell how far each log was read, and how the agent itself fares. */
export interface Heartbeats {
  /** What this computer's heartbeat says now. */
  own(): HeartbeatFact;
  /**
   * Spools one heartbeat of each computer that is read, when they are due.
   *
   * @returns whether they were due.
   */
  spoolDue(): boolean;
}

export interface HeartbeatParts {
  readonly spool: Spool;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly computers: Computers;
  readonly intervals: AgentConfig["heartbeat"];
}

/** Timers are uneven by up to this much. */
const TICK_MS = 5 * SECOND;

export const newHeartbeats = ({ spool, progress, clock, computers, intervals }: HeartbeatParts): Heartbeats => {
  const { host } = computers;
  // Where Windows is not read, the agent can't know what the computer is; who follows a recording does not want to wait.
  const intervalMs = () => (computers.isKmsHost() === false ? intervals.interval : intervals.kms_host_interval);
  const heartbeatOf = (about: string): HeartbeatFact =>
    progress.heartbeat(about, spool, { now: clock(), intervalMs: intervalMs(), own: about === host });
  let spooledAt = Number.NEGATIVE_INFINITY;
  return {
    own: () => heartbeatOf(host),
    spoolDue: () => {
      const now = clock();
      // A clock that was set back must not silence an agent until it has caught up.
      if (now >= spooledAt && now - spooledAt < intervalMs() - TICK_MS) return false;
      spooledAt = now;
      try {
        for (const about of new Set([host, ...progress.hosts()]))
          spool.append([{ host: about, observedAt: now, fact: heartbeatOf(about) }]);
        progress.succeeded("spool", { facts: [] });
      } catch (cause) {
        progress.failed("spool", cause as Error);
      }
      return true;
    },
  };
};
