import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { seriesOf } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";
import type { Figures } from "./late-request-facts.ts";

/**
 * One late request of a large KMS host has every stored request walked through again: in pieces of bounded work and memory,
 * over a kill in the middle. LATE_REQUEST_COUNT=500000 runs it at the size of the largest hosts.
 */
const COUNT = Number(process.env.LATE_REQUEST_COUNT ?? 50_000);
const ROWS_MAX = 6_000;
const HEAP_MB = 256;
const PROGRAM = fileURLToPath(new URL("late-request-program.ts", import.meta.url));
const folder = ownFolder("late-request");

/** Runs the program with a small heap; ends it the hard way when it prints the line `killAt`. */
const run = async (given: readonly string[], killAt?: string) => {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, PROGRAM, ...given], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line === killAt) child.kill("SIGKILL");
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  return { lines, code, signal };
};

test(
  `a late request among ${COUNT} is counted in pieces of bounded work, over a kill in the middle`,
  async () => {
    const file = join(folder(), "a.db");
    expect(await run(["fill", file, String(COUNT)])).toMatchObject({ code: 0 });

    expect(await run(["late", file], "piece 2")).toMatchObject({ signal: "SIGKILL" });
    const { lines, code } = await run(["finish", file]);
    expect(code).toBe(0);
    const { pieces, mostRows, metrics } = JSON.parse(lines.at(-1)!) as Figures;
    // It goes on where it was, and does not begin again.
    expect(pieces).toBeLessThanOrEqual(COUNT / 5_000);
    expect(pieces).toBeGreaterThan(COUNT / 5_000 - 6);
    expect(mostRows).toBeLessThanOrEqual(ROWS_MAX);

    // The client's need of 25 came first: the table has had 50 places ever since.
    const pool = 'application="windows"';
    const figure = (name: string) =>
      [...seriesOf(metrics)].find(([key]) => key.startsWith(`activation_${name}{`) && key.includes(pool))?.[1];
    expect([figure("kms_cache_size"), figure("kms_table_clients")]).toEqual([50, 50]);
    expect(figure("kms_distinct_clients")).toBe(Math.min(20_000, Math.ceil((COUNT * 30) / 80)));
  },
  COUNT > 100_000 ? 900_000 : 60_000,
);
