import { expect, test } from "@jest/globals";
import { pieceSize, rowsOf } from "../../../collector/engine/piece-size.ts";

/** Pieces of long work become smaller where they take long, and larger again. */
test("a piece that takes long halves the next ones, down to a tenth; short ones grow back to the whole", async () => {
  let now = 0;
  const size = pieceSize(() => now);
  const after = async (ms: number) => {
    await size.timed(async () => {
      now += ms;
    });
    return rowsOf(1_000, size.share);
  };
  expect(await after(50)).toBe(1_000);
  expect(await after(201)).toBe(500);
  expect(await after(100)).toBe(500);
  expect(await after(900)).toBe(250);
  for (let i = 0; i < 5; i += 1) await after(900);
  expect(rowsOf(1_000, size.share)).toBe(100);
  expect(await after(10)).toBe(200);
  for (let i = 0; i < 5; i += 1) await after(10);
  expect(rowsOf(1_000, size.share)).toBe(1_000);
});

test("a piece that fails changes nothing", async () => {
  const size = pieceSize(() => 0);
  await expect(size.timed(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(size.share).toBe(1);
});
