import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { SHORT } from "./piece.ts";
import { PIECE_NAMES, runPiece } from "./run-piece.ts";

/** The short form of `npm run torture`. */
test.each(PIECE_NAMES)(
  "%s: every promise holds",
  async (name) => {
    const stop = new AbortController().signal;
    const { figures, faults } = await runPiece(name, { plan: SHORT, limitMs: 120_000, stop, progress: () => {} });
    expect({ figures, faults }).toEqual({ figures, faults: [] });
  },
  150_000,
);

test("a piece that does not exist is wrong usage, with those that do", () => {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const ran = spawnSync(process.execPath, [main, "nothing"], { encoding: "utf8" });
  expect([ran.status, ran.stderr]).toEqual([2, `There is no piece nothing; there are ${PIECE_NAMES.join(", ")}.\n`]);
});
