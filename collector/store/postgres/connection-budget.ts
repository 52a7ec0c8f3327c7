/** So many connections may be made one after the other, and then one in each second. */
const BURST = 5;
const EVERY_MS = 1_000;

/**
 * Bounds how often a collector connects, whatever its senders do: a server that has just come back, or that cuts each
 * connection, must not be asked anew for each request. To be asked before each new connection.
 *
 * @param now milliseconds that only go on.
 */
export const connectionBudget = (now: () => number): (() => boolean) => {
  let left = BURST;
  let at = now();
  return () => {
    const earned = (now() - at) / EVERY_MS;
    at = now();
    left = Math.min(BURST, left + earned);
    if (left < 1) return false;
    left -= 1;
    return true;
  };
};
