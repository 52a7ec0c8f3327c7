import { SECOND } from "../../licensing/time.ts";

/** An answer to wrong credentials comes so much later: a client that tries many gets through few. */
const DELAY_MS = SECOND / 2;
/** So many answers of one address are held back at a time, and of all addresses; further ones are given at once, as 429. */
const OF_ONE_ADDRESS = 10;
const OF_ALL = 1_000;

/** Holds back the answers to wrong tokens and passwords. Right ones never wait, whatever other clients of the same address try. */
export const wrongCredentials = () => {
  const held = new Map<string, number>();
  let all = 0;
  /** Resolves when the answer may be given: "slowed", or "too-many" at once. */
  return async (address = ""): Promise<"slowed" | "too-many"> => {
    const before = held.get(address) ?? 0;
    if (before >= OF_ONE_ADDRESS || all >= OF_ALL) return "too-many";
    held.set(address, before + 1);
    all += 1;
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    const left = held.get(address)! - 1;
    if (left === 0) held.delete(address);
    else held.set(address, left);
    all -= 1;
    return "slowed";
  };
};
