import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY } from "../../../licensing/time.ts";
import { deliver, type HostFact, type HostFigures } from "./delivered-kms-host.ts";
import { naiveWindowsPool } from "./naive-pool.ts";
import { cut, delivered, textOf, world } from "./random-facts.ts";

const RUNS = { numRuns: Number(process.env.SIMULATION_RUNS ?? 60) };
const windowsOf = (figures: HostFigures) => figures.windows;
const isAsked = (facts: readonly HostFact[]) =>
  facts.some((it) => it.kind === "request" && it.product !== "office" && it.result !== "failed");

describe.each([
  ["complete from the beginning", 40 * DAY],
  ["complete after 30 days", 0],
])("a log that is %s", (_, reach) => {
  test("in the order of time, the Windows pool is that of a naive host", async () => {
    await fc.assert(
      fc.asyncProperty(world(reach), async (facts) => {
        fc.pre(isAsked(facts));
        const figures = await deliver(cut(facts, 1));
        expect({ facts: facts.map(textOf), ...windowsOf(figures) }).toEqual({
          facts: facts.map(textOf),
          ...naiveWindowsPool(facts),
        });
      }),
      RUNS,
    );
  });

  test("every order, in transactions of any size, gives the figures of the order of time", async () => {
    await fc.assert(
      fc.asyncProperty(delivered(reach), async ({ facts, order, size }) => {
        const shown = { size, order: order.map(textOf) };
        expect({ ...shown, ...(await deliver(cut(order, size))) }).toEqual({
          ...shown,
          ...(await deliver(cut(facts, 1))),
        });
      }),
      RUNS,
    );
  });
});
