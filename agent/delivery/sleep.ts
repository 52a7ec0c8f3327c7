import { TIMER_MAX_MS } from "../sources/schedule.ts";

/** How the sender sleeps between two batches. */
export interface Sleep {
  /** Nothing is there to be sent: until something is (also if it came a moment before), or for so long. */
  untilNew(ms: number): Promise<void>;
  /** A delivery failed: for so long, whatever comes. New records must not shorten a fleet's back-off. */
  for(ms: number): Promise<void>;
  /** Something new is there. */
  wake(): void;
  /** Ends any sleep at once. */
  end(): void;
}

export const newSleep = (): Sleep => {
  let isNew = false;
  let asleep: { readonly untilNew: boolean; readonly end: () => void } | undefined;
  const sleep = (ms: number, untilNew: boolean) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        asleep = undefined;
        if (untilNew) isNew = false;
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, TIMER_MAX_MS));
      asleep = { untilNew, end };
      if (untilNew && isNew) end();
    });
  return {
    untilNew: (ms) => sleep(ms, true),
    for: (ms) => sleep(ms, false),
    wake: () => {
      isNew = true;
      if (asleep?.untilNew) asleep.end();
    },
    end: () => asleep?.end(),
  };
};
