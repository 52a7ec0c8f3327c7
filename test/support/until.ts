import { setTimeout as pause } from "node:timers/promises";

/** Waits for a condition of another process, asking often; throws with the last failure when it does not come true in time. */
export const until = async (condition: () => Promise<boolean>, withinMs = 20_000): Promise<void> => {
  const end = Date.now() + withinMs;
  let failure: unknown;
  while (Date.now() < end) {
    try {
      if (await condition()) return;
    } catch (cause) {
      failure = cause;
    }
    await pause(25);
  }
  throw new Error("The condition did not come true in time.", { cause: failure });
};
