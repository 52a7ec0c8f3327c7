import type { Instant } from "../../licensing/time.ts";

/**
 * An event's identity begins with its own time (licensing/events/identity.ts), so that rows lie in the order of time.
 *
 * @returns the smallest identity that an event of this instant could have, 6 bytes.
 */
export const firstIdAt = (at: Instant): Uint8Array => {
  const id = Buffer.alloc(6);
  id.writeUIntBE(Math.max(0, Math.min(at, 2 ** 48 - 1)), 0, 6);
  return id;
};

/** Events that tell no time of their own lie before this; the time of their receipt is in `at`. */
export const FIRST_TIMED_ID = firstIdAt(1);
