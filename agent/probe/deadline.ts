/** Calls once the time is over or the signal comes. @returns what forgets about it. */
export const atDeadline = (ms: number, signal: AbortSignal, call: () => void): (() => void) => {
  const timer = setTimeout(call, ms);
  signal.addEventListener("abort", call, { once: true });
  if (signal.aborted) call();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", call);
  };
};
