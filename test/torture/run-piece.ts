import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentKilled } from "./agent-killed.ts";
import { collectorKilled } from "./collector-killed.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import { mutualTls } from "./mutual-tls.ts";
import type { Outcome, Piece, Plan } from "./piece.ts";

export const PIECES = {
  "collector-killed": collectorKilled,
  "agent-killed": agentKilled,
  "hostile-bodies": hostileBodies,
  "mutual-tls": mutualTls,
} as const satisfies Readonly<Record<string, Piece>>;
export type PieceName = keyof typeof PIECES;
export const PIECE_NAMES = Object.keys(PIECES) as PieceName[];

/**
 * Runs one piece in a folder of its own, which is gone afterwards. Everything listens on loopback only.
 *
 * @param limitMs after this time the piece ends early, which is a fault.
 */
export const runPiece = async (
  name: PieceName,
  {
    plan,
    limitMs,
    stop,
    progress,
  }: { plan: Plan; limitMs: number; stop: AbortSignal; progress: (text: string) => void },
): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), `torture-${name}-`));
  const limit = AbortSignal.timeout(limitMs);
  try {
    const signal = AbortSignal.any([limit, stop]);
    const outcome = await PIECES[name]({ folder, plan, signal, progress });
    const late = limit.aborted ? [`it ends within ${limitMs / 1_000} seconds`] : [];
    return { ...outcome, faults: [...late, ...outcome.faults] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
