import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { median, readable, table } from "./figures.ts";

const BENCH = new URL("./bench.ts", import.meta.url).pathname;

test("the benchmark still runs: every figure is a number, and its table stands", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-test-"));
  try {
    const json = join(folder, "bench.json");
    const ran = spawnSync(process.execPath, [BENCH, "--tiny", "--json", json], { encoding: "utf8", timeout: 100_000 });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toContain("license states of known computers");
    const { figures } = JSON.parse(readFileSync(json, "utf8")) as { figures: { name: string; values: number[] }[] };
    expect(figures.length).toBeGreaterThan(15);
    // In so short a time the processor's clock may not have moved, so that a rate is infinite (null) or nothing.
    for (const { name, values } of figures) expect([name, values.length > 0]).toEqual([name, true]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

test("a piece that does not exist is wrong usage, with those that do", () => {
  const ran = spawnSync(process.execPath, [BENCH, "--only", "nothing"], { encoding: "utf8" });
  expect([ran.status, ran.stderr]).toEqual([
    2,
    "There is no piece nothing; there are licenses, events, fleets, postgres.\n",
  ]);
});

test("a number of computers that is none is wrong usage", () => {
  const ran = spawnSync(process.execPath, [BENCH, "--computers", "many"], { encoding: "utf8" });
  expect([ran.status, ran.stderr]).toEqual([2, "--computers takes a number of computers, such as 1000000.\n"]);
});

test("medians, three digits that matter, and a floor that was missed", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  expect([readable(12_345.6), readable(0.012_345), readable(0)]).toEqual(["12,300", "0.012", "0"]);
  const text = table([
    { piece: "a", name: "ours", unit: "per s", values: [10, 30, 20], least: 25, against: ["theirs", "absent"] },
    { piece: "a", name: "theirs", unit: "per s", values: [5] },
  ]);
  expect(text.split("\n")[2]).toBe("ours    20 per s  10 to 30  MISSED (>= 25)  4x theirs");
});
