import type { EngineClient } from "../engine/engine-client.ts";
import type { Submitted } from "../engine/messages.ts";
import type { ReceivedRequest } from "../engine/request-batch.ts";
import { LARGE } from "./admission-control.ts";
import { Refusal } from "./refusal.ts";

/** Requests that wait for their commit, beyond which further ones are refused; memory stays bounded when the disk is slow. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Hands requests to the engine: small ones at once, large ones one at a time, so that what an agent reports waits for one large
 * request at most. Each kind has its own bound: large requests cannot use up the space of small ones.
 */
export const fairSubmit = (engine: Pick<EngineClient, "submit">) => {
  let small = 0;
  let large = 0;
  let turn: Promise<unknown> = Promise.resolve();
  /** @throws Refusal (429) */
  return async (request: ReceivedRequest): Promise<Submitted> => {
    const { length } = request.body;
    if (length <= LARGE) {
      if (small > PENDING_BYTES_MAX) throw full();
      small += length;
      try {
        return await engine.submit(request);
      } finally {
        small -= length;
      }
    }
    if (large > PENDING_BYTES_MAX) throw full();
    large += length;
    try {
      const submitted = turn.then(() => engine.submit(request));
      turn = submitted.catch(() => {});
      return await submitted;
    } finally {
      large -= length;
    }
  };
};

const full = () => new Refusal(429, "More has arrived than can be stored; try later.");
