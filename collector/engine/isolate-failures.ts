import type { Submission } from "../ingest/ingest.ts";
import { StoreConflict, StoreUnavailable } from "../store/store.ts";
import type { Engine } from "./engine.ts";
import type { Submitted } from "./messages.ts";

/**
 * Takes many submissions in one transaction. Where one of them breaks it, by an error that was not foreseen, each is taken
 * alone: a poisoned report must not keep all others out. A store that cannot be written to now fails them all at once.
 */
export const isolateFailures = async (
  engine: Pick<Engine, "ingest">,
  submissions: readonly Submission[],
  onPoison: (reason: string) => void,
): Promise<Submitted[]> => {
  try {
    return await engine.ingest(submissions);
  } catch (cause) {
    const reason = (cause as Error).message;
    const poison = !(cause instanceof StoreUnavailable || cause instanceof StoreConflict);
    if (!poison) return submissions.map(() => ({ outcome: "failed", reason }));
    if (submissions.length === 1) {
      onPoison(reason);
      return [{ outcome: "failed", reason, poison: true }];
    }
    const taken: Submitted[] = [];
    for (const it of submissions) taken.push(...(await isolateFailures(engine, [it], onPoison)));
    return taken;
  }
};
