/** A sleep counts as one slice, however long it takes. */
const SLICE_MS = 1_000;

/**
 * Calls once, after so many milliseconds in which the computer was awake. Timers that were due during a sleep, a hibernation or
 * a pause of a virtual machine all fire on resume, before the answer that arrived meanwhile is read: so time is counted in
 * slices, and at the end answers have one more turn of the event loop.
 *
 * @returns what cancels it.
 */
export const afterAwake = (ms: number, call: () => void): (() => void) => {
  let left = ms;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const slice = Math.min(SLICE_MS, left);
    timer = setTimeout(() => {
      left -= slice;
      if (left > 0) wait();
      else immediate = setImmediate(call);
    }, slice);
  };
  wait();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
};
