import { HOUR, type Instant, MINUTE, SECOND } from "../../licensing/time.ts";
import { HungError, type LicenseState, readLicenseState } from "../win32/licenses/license-thread.ts";
import type { Gathered } from "./gather.ts";
import { licensingSource } from "./licensing-wmi.ts";
import { every, onSchedule, secondsBetweenRuns, type Task } from "./schedule.ts";
import type { Source } from "./source.ts";
import type { About, WindowsParts } from "./windows-context.ts";

export interface LicenseTasks {
  readonly tasks: readonly Task[];
  /** Reads at once, or once more if it is being read. */
  ask(): void;
}

/** How often it is looked whether a reading is overdue: a computer that slept at the time of its schedule missed it. */
const LOOK_MS = MINUTE;

/** This computer's license state, on one of two schedules, of which what the computer is chooses one. */
export const licenseTasks = (
  { config, clock, random, host, onFatal }: WindowsParts,
  {
    isKmsHost,
    about,
    gatherAll,
  }: { isKmsHost: () => boolean; about: About; gatherAll: (source: Source) => Promise<Gathered> },
): LicenseTasks => {
  const { schedule, jitter, kms_host_schedule: hostSchedule, kms_host_jitter: hostJitter } = config.license;
  const intervalSeconds = () =>
    isKmsHost()
      ? secondsBetweenRuns(hostSchedule) + hostJitter / SECOND
      : secondsBetweenRuns(schedule) + jitter / SECOND;
  let isDegraded = false;
  const source = licensingSource({
    host,
    name: "license state",
    label: "license state",
    clock,
    read: localReader({ deadlineMs: config.windows.deadline, clock, onFatal }),
    intervalSeconds,
    onState: (fact, os) => {
      isDegraded = fact.degraded === true;
      about(host, fact, os);
    },
  });
  let lastAt: Instant | undefined;
  const retries = retrying(() => ordinary.ask());
  const ordinary = onSchedule(schedule, {
    jitterMs: jitter,
    random,
    work: async () => {
      lastAt = clock();
      const outcome = await gatherAll(source);
      retries.after(outcome !== "failed" && !isDegraded);
    },
  });
  const often = onSchedule(hostSchedule, {
    jitterMs: hostJitter,
    random,
    work: async () => {
      if (isKmsHost()) ordinary.ask();
    },
  });
  const overdue = every(LOOK_MS, async () => {
    if (lastAt === undefined || isOverdue(lastAt, clock(), intervalSeconds() * SECOND)) ordinary.ask();
  });
  return {
    tasks: [ordinary, often, overdue, { ask: () => {}, stop: async () => retries.stop() }],
    ask: () => ordinary.ask(),
  };
};

/** A whole interval has passed since the last reading, or the clock was set back behind it. Pure. */
export const isOverdue = (lastAt: Instant, now: Instant, intervalMs: number): boolean =>
  now - lastAt > intervalMs || now < lastAt;

/** After a reading that failed, or told less than it should: so many more, behind these pauses; then the schedule. */
const RETRY_AFTER_MS = [1, 2, 4, 8, 16, 30].map((it) => it * MINUTE);

/** Reads again some minutes after a failure, six times at most: WMI that is broken for good is no reason to read all day. */
export const retrying = (ask: () => void): { after(succeeded: boolean): void; stop(): void } => {
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    after: (succeeded) => {
      clearTimeout(timer);
      const pause = succeeded ? undefined : RETRY_AFTER_MS[failures];
      failures = succeeded ? 0 : failures + 1;
      if (pause !== undefined) timer = setTimeout(ask, pause).unref();
    },
    stop: () => clearTimeout(timer),
  };
};

/** Each thread that WMI holds is memory that is gone, and each query that it did not finish goes on in WMI's own process. */
const HUNG_MAX = 2;
/** Only a new process may help against calls that hang so long; it is not started more often than twice a day. */
const HUNG_FOR_MS = 12 * HOUR;

export interface LocalReaderParts {
  readonly deadlineMs: number;
  readonly clock: () => Instant;
  readonly onFatal: (cause: Error) => void;
  /** For tests of the order of steps: what asks Windows. */
  readonly ask?: typeof readLicenseState;
}

/**
 * Reads this computer's license state by WMI. A call of WMI that does not come back is left alone, and slc.dll is read in
 * another thread; while two calls hang, WMI is not asked again. Event logs are read on all the while.
 */
export const localReader = ({
  deadlineMs,
  clock,
  onFatal,
  ask = readLicenseState,
}: LocalReaderParts): (() => Promise<LicenseState>) => {
  const hung = { wmi: hanging(), slc: hanging() };
  const asked = async (by: "wmi" | "slc"): Promise<LicenseState> => {
    try {
      return await ask(by === "slc" ? { onlySlc: true } : {}, deadlineMs);
    } catch (cause) {
      if (cause instanceof HungError) hung[by].add(cause, clock());
      throw cause;
    }
  };
  return async () => {
    if (hung.wmi.since !== undefined && clock() - hung.wmi.since > HUNG_FOR_MS)
      onFatal(new Error(`WMI has not come back from ${hung.wmi.last?.call} for ${HUNG_FOR_MS / HOUR} hours.`));
    let failure = hung.wmi.last;
    if (hung.wmi.count < HUNG_MAX)
      try {
        return await asked("wmi");
      } catch (cause) {
        if (!(cause instanceof HungError)) throw cause;
        failure = cause;
      }
    if (hung.slc.count > 0) throw hung.slc.last ?? failure!;
    return { ...(await asked("slc")), hung: failure!.message };
  };
};

/** Calls that did not come back yet. */
const hanging = () => {
  let count = 0;
  let since: Instant | undefined;
  let last: HungError | undefined;
  return {
    get count() {
      return count;
    },
    get since() {
      return since;
    },
    get last() {
      return last;
    },
    add: (it: HungError, now: Instant): void => {
      count += 1;
      since ??= now;
      last = it;
      void it.cameBack.then(() => {
        count -= 1;
        if (count === 0) since = undefined;
      });
    },
  };
};
