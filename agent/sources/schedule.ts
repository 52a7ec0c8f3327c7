import { createTask, type ScheduledTask, schedule } from "node-cron";
import { type Clock, DAY, SECOND } from "../../licensing/time.ts";

/** Something done again and again; `ask` does it at once, or once more if it is being done already. */
export interface Task {
  ask(): void;
  stop(): Promise<void>;
}

/** Node's timers fire at once when they are asked for more (24.8 days). */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Runs a piece of work on a cron expression, each time up to `jitterMs` later, so that a fleet does not read and report in
 * the same second. The work is told after how long the next one has been done. Never twice at once. Timers do not keep the process alive.
 */
export const onSchedule = (
  expression: string,
  { jitterMs, random, work }: { jitterMs: number; random: () => number; work: (intervalMs: number) => Promise<void> },
): Task => {
  const runner = oneAtATime(() => work(intervalOf(task, Date.now()) + jitterMs));
  let later: NodeJS.Timeout | undefined;
  const task: ScheduledTask = schedule(expression, () => {
    clearTimeout(later);
    later = setTimeout(runner.due, Math.min(Math.round(random() * jitterMs), TIMER_MAX_MS)).unref();
  });
  return {
    ask: runner.ask,
    stop: async () => {
      await task.destroy();
      clearTimeout(later);
      await runner.stop();
    },
  };
};

/** How long until there is something newer: to the next run, or between the next two where one is just about to come. */
const intervalOf = (task: ScheduledTask, now: number): number => {
  const [next, afterNext] = task.getNextRuns(2);
  return next && afterNext ? Math.max(+next - now, +afterNext - +next) : DAY;
};

/** Seconds between the next two times that a cron expression is due. */
export const secondsBetweenRuns = (expression: string): number => {
  const task = createTask(expression, () => {});
  const [first, second] = task.getNextRuns(2);
  void task.destroy();
  return (first && second ? second.getTime() - first.getTime() : DAY) / SECOND;
};

/** The same at a fixed interval, which may be shorter than cron's. */
export const every = (intervalMs: number, work: () => Promise<void>): Task => {
  const runner = oneAtATime(work);
  const timer = setInterval(runner.due, Math.min(intervalMs, TIMER_MAX_MS)).unref();
  return {
    ask: runner.ask,
    stop: async () => {
      clearInterval(timer);
      await runner.stop();
    },
  };
};

/** `due` while it is being done is nothing new; `ask` then may be about what came too late for it, so it is done again. */
const oneAtATime = (work: () => Promise<void>): Task & { due(): void } => {
  let running: Promise<void> | undefined;
  let stopped = false;
  let again = false;
  const start = (): void => {
    running = work().finally(() => {
      running = undefined;
      if (again && !stopped) {
        again = false;
        start();
      }
    });
  };
  return {
    due: () => {
      if (!stopped && !running) start();
    },
    ask: () => {
      if (running) again = true;
      else if (!stopped) start();
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
};

const AT_ONCE = new Set([12288, 12289, 12290, 8198, 8230, 8233, 12293, 12294, 12308, 8213, 8214, 8215]);

/** License state is read at once when one of these is logged; never on what the reading itself causes (900, 902, 903, 1003 …). */
export const asksForReading = (eventId: number): boolean => AT_ONCE.has(eventId);

/** Calls once, `quietMs` after the last ask, and no later than ten times that after the first. */
export const debounced = (quietMs: number, clock: Clock, call: () => void): { ask(): void; stop(): void } => {
  let timer: NodeJS.Timeout | undefined;
  let first: number | undefined;
  return {
    ask: () => {
      first ??= clock();
      clearTimeout(timer);
      const wait = Math.max(0, Math.min(quietMs, first + 10 * quietMs - clock()));
      timer = setTimeout(() => {
        first = undefined;
        call();
      }, wait).unref();
    },
    stop: () => clearTimeout(timer),
  };
};
