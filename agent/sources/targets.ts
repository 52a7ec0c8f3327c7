import { MINUTE, SECOND } from "../../licensing/time.ts";
import type { AgentConfig } from "../config.ts";
import { openEventThread } from "../win32/events/event-thread.ts";
import { HungError, readLicenseState } from "../win32/licenses/license-thread.ts";
import { limited } from "./concurrency-limit.ts";
import { eventLogSource, queryOf } from "./event-log.ts";
import type { Gathered } from "./gather.ts";
import { licensingSource } from "./licensing-wmi.ts";
import { every, onSchedule, secondsBetweenRuns, type Task } from "./schedule.ts";
import type { Source } from "./source.ts";
import type { About, WindowsParts } from "./windows-context.ts";

/** So many computers are asked at once: each takes a thread of some megabytes while it is. */
const AT_ONCE = 4;
/** Windows gives up on a computer that does not answer after two minutes; a call that takes longer never comes back. */
const DEADLINE_MS = 3 * MINUTE;
const LONGEST_PAUSE_MS = 30 * MINUTE;
/** Threads that never came back are memory that never comes back. */
const LOST_MAX = 8;

type Target = AgentConfig["targets"][number];

/**
 * Other computers, for those on which no current runtime lives (Windows 7, Server 2008 R2 and before): their event logs
 * through EvtOpenSession, their WMI through DCOM, with the rights of this process's own account. Each in its turn, with its
 * own bookmarks; one that does not answer is asked less often, and none keeps another waiting.
 */
export const targetTasks = (
  { config, clock, random, log, onFatal }: WindowsParts,
  about: About,
  gatherAll: (source: Source) => Promise<Gathered>,
): Task[] => {
  const turn = limited(AT_ONCE);
  let lost = 0;
  const onLost = (cause: Error): void => {
    lost += 1;
    log.warn(`${cause.message} Its thread is given up (${lost} of ${LOST_MAX}).`);
    if (lost === LOST_MAX) onFatal(new Error(`${lost} calls to other computers never came back.`));
  };
  return config.targets.flatMap((target) => {
    const pause = pauses(random);
    const perhaps = (work: () => Promise<boolean>) => async (): Promise<void> => {
      if (clock() < pause.until) return;
      pause.after(await turn(work), clock());
    };
    const tasks = [
      every(
        target.interval,
        perhaps(() => readLogs(target, { config, clock, gatherAll, onLost })),
      ),
    ];
    if (target.license) {
      const source = licenseOf(target, { config, clock, onLost, about });
      tasks.push(
        onSchedule(config.license.schedule, {
          jitterMs: config.license.jitter,
          random,
          work: perhaps(async () => (await gatherAll(source)) !== "failed"),
        }),
      );
    }
    return tasks;
  });
};

/** Twice as long after each failure, from a minute to half an hour, not all at the same time. */
export const pauses = (
  random: () => number,
): { readonly until: number; after(succeeded: boolean, now: number): void } => {
  let failures = 0;
  let until = 0;
  return {
    get until() {
      return until;
    },
    after: (succeeded, now) => {
      failures = succeeded ? 0 : failures + 1;
      const longest = Math.min(LONGEST_PAUSE_MS, MINUTE * 2 ** Math.min(failures - 1, 10));
      until = succeeded ? 0 : now + longest * (0.75 + random() / 4);
    },
  };
};

interface Parts {
  readonly config: AgentConfig;
  readonly clock: () => number;
  readonly onLost: (cause: Error) => void;
}

/** Opens the other computer's logs, reads what is new, and lets go: nothing is held between two readings. */
const readLogs = async (
  { host, channels }: Target,
  { config, clock, onLost, gatherAll }: Parts & { gatherAll: (source: Source) => Promise<Gathered> },
): Promise<boolean> => {
  const maxAgeMs = config.events.max_age;
  const thread = openEventThread({
    server: host,
    logs: channels.map((it) => queryOf(it, maxAgeMs, clock())),
    deadlineMs: DEADLINE_MS,
    onReady: () => {},
    onLost,
  });
  try {
    let failures = 0;
    for (const channel of channels) {
      const source = eventLogSource({
        channel,
        host,
        maxAgeMs,
        clock,
        logs: thread,
        name: `event log ${channel} of ${host}`,
        label: "event log of a target",
        onEvents: () => {},
      });
      if ((await gatherAll(source)) === "failed") failures += 1;
    }
    return failures < channels.length;
  } finally {
    await thread.close();
  }
};

const licenseOf = ({ host }: Target, { config, clock, onLost, about }: Parts & { about: About }): Source => {
  const seconds = secondsBetweenRuns(config.license.schedule) + config.license.jitter / SECOND;
  return licensingSource({
    host,
    name: `license state of ${host}`,
    label: "license state of a target",
    clock,
    read: async () => {
      try {
        return await readLicenseState({ server: host }, DEADLINE_MS);
      } catch (cause) {
        if (cause instanceof HungError) onLost(cause);
        throw cause;
      }
    },
    intervalSeconds: () => seconds,
    onState: (fact, os) => about(host, fact, os),
  });
};
