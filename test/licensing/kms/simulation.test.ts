import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY } from "../../../licensing/time.ts";
import { deliver, type HostFact, type HostFigures } from "./delivered-kms-host.ts";
import { naiveWindowsPool } from "./naive-pool.ts";
import { cut, delivered, textOf, world } from "./random-facts.ts";

/** The same worlds each time; SIMULATION_RUNS=1000 looks at random ones, SIMULATION_SEED=7 at those of one seed. */
const { SIMULATION_RUNS, SIMULATION_SEED } = process.env;
const seed = Number(SIMULATION_SEED ?? (SIMULATION_RUNS === undefined ? 1 : Date.now() % 1_000_000));
const RUNS = { numRuns: Number(SIMULATION_RUNS ?? 100), seed };
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

describe("late requests that seem harmless", () => {
  const START = Date.parse("2026-09-01T00:00:00Z");
  const asked = (day: number, client: number, status = 1): HostFact => ({
    kind: "request",
    at: START + day * DAY + client,
    client,
    product: "client",
    result: "served",
    status,
  });
  const heartbeat: HostFact = { kind: "heartbeat", at: START + 60 * DAY, oldest: START, gaps: 0 };
  const full = Array.from({ length: 30 }, (_, i) => asked(0, i));
  const reading = (day: number, windows: number): HostFact => ({
    kind: "reading",
    at: START + day * DAY,
    counts: { windows },
  });
  test.each<[string, HostFact[], HostFact]>([
    ["a client that was refused while the count was low", [...full, asked(40, 50, 2)], asked(39, 51, 2)],
    [
      "a reading that counts as many as the newest, with others between",
      [reading(20, 6), reading(30, 20)],
      reading(1, 20),
    ],
  ])("%s", async (_, facts, late) => {
    const inTime = [...facts, late].toSorted((a, b) => a.at - b.at);
    const servers = Array.from({ length: 40 }, (_, i): HostFact => ({ ...asked(5, i), product: "server" }) as HostFact);
    const more = late.kind === "reading" ? servers : [];
    const ordered = [...inTime, ...more].toSorted((a, b) => a.at - b.at);
    const expected = await deliver([[...ordered, heartbeat]]);
    expect(await deliver([[...facts, ...more, heartbeat], [late]])).toEqual(expected);
    expect(expected.windows).toEqual(naiveWindowsPool([...ordered, heartbeat]));
  });
});
