import { expect, test } from "@jest/globals";
import { kmsHistory, type PoolDay } from "../../../licensing/kms/history.ts";
import type { CountedRequest } from "../../../licensing/kms/simulation.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";

const START = Date.parse("2026-01-01T12:00:00Z");
const asked = (client: number, day: number, more: Partial<CountedRequest> = {}): CountedRequest => ({
  cmid: `c${client}`,
  at: START + day * DAY,
  need: 25,
  pool: "windows",
  productClass: "client",
  name: "",
  status: 1,
  ...more,
});
const walk = (requests: readonly CountedRequest[], days: number): PoolDay[] => {
  const history = kmsHistory(START);
  return [...requests.flatMap((it) => history.add(it)), ...history.until(START + days * DAY)];
};

test("a small table is known after 30 days, one sample at each midnight", () => {
  const requests = Array.from({ length: 40 }, (_, day) => [asked(1, day), asked(2, day)]).flat();
  const days = walk(requests, 40);
  expect(days.map((it) => new Date(it.at).toISOString()).at(0)).toBe("2026-02-01T00:00:00.000Z");
  expect(days).toHaveLength(10);
  expect(days[0]).toMatchObject({ application: "windows", tableClients: 2, distinctClients: 2 });
  expect(days[0]!.classes).toEqual([{ productClass: "client", headroom: -23 }]);
});

test("a table of 50 that has been filled is known at once, its distinct clients after 30 days", () => {
  const days = walk(
    Array.from({ length: 60 }, (_, i) => asked(i, 0, { at: START + i })),
    2,
  );
  expect(days).toHaveLength(2);
  expect(days[0]).toEqual({
    at: START + 12 * HOUR,
    application: "windows",
    tableClients: 50,
    classes: [{ productClass: "client", headroom: 25, belowThresholdAt: START + 35 + 30 * DAY }],
  });
});

test("clients leave after 30 days, and the day of the fall is in the past then", () => {
  const days = walk(
    Array.from({ length: 60 }, (_, i) => asked(i, 0, { at: START + i })),
    33,
  );
  expect(days.at(-1)).toMatchObject({ tableClients: 0, distinctClients: 0, classes: [{ headroom: -25 }] });
  expect(days.at(-1)!.classes[0]!.belowThresholdAt).toBeLessThan(days.at(-1)!.at);
});
