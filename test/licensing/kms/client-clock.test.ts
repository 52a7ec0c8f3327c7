import { describe, expect, test } from "@jest/globals";
import { isHostOff, quartersOff } from "../../../licensing/kms/client-clock.ts";

test.each([
  ["2026-11-20T08:15:59.9999999Z", "2026-11-20T08:15:00Z", 0],
  ["2026-11-20T08:59:59.0000000Z", "2026-11-20T08:00:00Z", 0],
  ["2026-11-20T09:00:20.0000000Z", "2026-11-20T08:00:00Z", 0],
  ["2026-11-20T09:01:00.0000000Z", "2026-11-20T08:00:00Z", -4],
  ["2026-11-20T08:00:00.0000000Z", "2026-11-20T09:00:00Z", 4],
  ["2026-11-20T23:50:00.0000000Z", "2026-11-21T00:10:00Z", 0],
  ["2026-11-20T08:15:30.0000000Z", "2026-11-20T10:15:00Z", 8],
  ["2026-11-20T08:15:30.0000000Z", "2026-11-20T03:15:00Z", -20],
  ["2026-11-20T08:15:30.0000000Z", "2001-01-01T00:00:00Z", -672],
  ["2026-11-20T08:15:30.0000000Z", "2099-01-01T00:00:00Z", 672],
])("at the host %s, at the client %s: %d quarters of an hour", (host, client, quarters) => {
  expect(quartersOff(host, client)).toBe(quarters);
});

describe("whose clock is it", () => {
  const off = (count: number, quarters: number, from = 10) =>
    Array.from({ length: count }, (_, i) => ({ quarters, at: from + i }));
  test.each([
    ["nobody is off", [], { fineAt: 5, clients: 30 }, false],
    ["one of many", off(1, 8), { fineAt: 5, clients: 30 }, false],
    ["the only client it has", off(1, 8), { fineAt: undefined, clients: 1 }, true],
    ["both clients alike", off(2, 8), { fineAt: undefined, clients: 2 }, true],
    ["both clients, but not alike", [...off(1, 8), ...off(1, -20)], { fineAt: undefined, clients: 2 }, false],
    [
      "all thirty alike, but for what a minute does to a quarter",
      [...off(15, 8), ...off(15, 9)],
      { fineAt: 5, clients: 30 },
      true,
    ],
    ["the last twenty of many", off(20, 8), { fineAt: 5, clients: 5_000 }, true],
    ["the last ten of many", off(10, 8), { fineAt: 5, clients: 5_000 }, false],
    ["somebody was fine in between", off(20, 8), { fineAt: 25, clients: 5_000 }, false],
    ["one has a wrong clock besides", [...off(19, 8), ...off(1, 40)], { fineAt: 5, clients: 5_000 }, true],
    [
      "as many ways as clients",
      Array.from({ length: 20 }, (_, i) => ({ quarters: 5 * i, at: 10 })),
      { fineAt: 5, clients: 20 },
      false,
    ],
  ])("%s", (_, skewed, host, expected) => {
    expect(isHostOff(skewed, host)).toBe(expected);
  });
});
