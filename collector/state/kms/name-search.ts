import type { Instant } from "../../../licensing/time.ts";
import type { KmsHostState } from "./host-state.ts";

/** So many IDs are looked for at once: more are shared by an image that the first of them show. */
const IDS_MAX = 100;

/** Requests of this ID between two instants have to be looked for, together with those that are being looked for. */
export const searchNames = (
  host: KmsHostState,
  id: string,
  [from, until]: readonly [from: Instant, until: Instant],
): void => {
  const { ids = [], position = [from, ""], until: last = until } = host.nameSearch ?? {};
  if (!ids.includes(id) && ids.length >= IDS_MAX) return;
  host.nameSearch = {
    ids: [...new Set([...ids, id])],
    position: from < position[0] ? [from, ""] : position,
    until: Math.max(until, last),
  };
};
