import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

/** The short versions of `npm run torture:engine`, in a heap of 64 MB. */
const PROGRAM = fileURLToPath(new URL("engine-program.ts", import.meta.url));

test.each([
  ["names", 50_000],
  ["forgotten", 10_000],
  ["recount", 30_000],
  ["requests", 20_000],
])(
  "%s: %d",
  async (name, count) => {
    const child = spawn(process.execPath, ["--max-old-space-size=64", PROGRAM, name, String(count)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [out, [code]] = await Promise.all([text(child.stdout), once(child, "exit") as Promise<[number]>]);
    expect(code).toBe(0);
    const { ready, computers, longestStepMs, slowestReportMs } = JSON.parse(out) as Record<string, number>;
    expect(ready).toBe(1);
    expect(computers).toBeLessThanOrEqual(count + 60);
    // A second at full size and on an idle machine; the machine that tests runs others' work too.
    expect(longestStepMs).toBeLessThan(5_000);
    expect(slowestReportMs).toBeLessThan(5_000);
  },
  120_000,
);
