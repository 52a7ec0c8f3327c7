import type { Engine } from "./engine.ts";
import type { Receipt, Submission } from "./ingest.ts";
import { StoreUnavailable } from "./store.ts";

/** What became of one submission: on disk, or not and why. */
export type Taken = { readonly receipt: Receipt } | { readonly failure: string };

/**
 * Takes many submissions in one transaction. Where one of them breaks it, by something nobody has thought of, each is taken
 * alone: a poisoned report must not keep all others out. A store that cannot be written to now fails them all at once.
 */
export const takeEach = async (
  engine: Pick<Engine, "take">,
  submissions: readonly Submission[],
  onPoison: (reason: string) => void,
): Promise<Taken[]> => {
  try {
    return (await engine.take(submissions)).map((receipt) => ({ receipt }));
  } catch (cause) {
    const failure = (cause as Error).message;
    const poison = !(cause instanceof StoreUnavailable);
    if (poison && submissions.length === 1) onPoison(failure);
    if (!poison || submissions.length === 1) return submissions.map(() => ({ failure }));
    const taken: Taken[] = [];
    for (const it of submissions) taken.push(...(await takeEach(engine, [it], onPoison)));
    return taken;
  }
};
