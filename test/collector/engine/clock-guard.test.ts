import { describe, expect, test } from "@jest/globals";
import { clockGuard } from "../../../collector/engine/clock-guard.ts";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const YEAR = 365 * DAY;

/** A wall clock that may be set, and one that only goes on. */
const guarded = (known?: number, start = T) => {
  let wall = start;
  let monotonic = 1_000;
  const guard = clockGuard({ wall: () => wall, monotonic: () => monotonic }, known);
  return {
    guard,
    go: (by: number) => {
      wall += by;
      monotonic += by;
    },
    set: (to: number) => {
      wall = to;
    },
    vote: (agents: number, sentAt: number) => {
      for (let i = 0; i < agents; i += 1) guard.vote(`pc${i}`, sentAt, wall);
    },
    state: () => [guard.suspicion() !== undefined, guard.refusal() !== undefined],
  };
};

describe.each([
  ["ahead", 2 * YEAR],
  ["behind", -2 * YEAR],
])("a clock that is set two years %s while it runs", (_, jump) => {
  test("stores and deletes nothing while agents have another time, and goes on once it is right", () => {
    const it = guarded(T);
    it.vote(2, T);
    expect(it.state()).toEqual([false, false]);
    it.go(HOUR);
    it.set(T + jump);
    expect(it.state()).toEqual([true, true]);
    it.vote(1, T + HOUR);
    it.go(10 * HOUR);
    it.vote(1, T + 11 * HOUR);
    expect(it.state()).toEqual([true, true]);
    it.set(T + 11 * HOUR);
    expect(it.state()).toEqual([true, true]);
    it.vote(1, T + 11 * HOUR);
    expect(it.state()).toEqual([false, false]);
  });

  test("stores again after a quarter of an hour where nobody says the time, and deletes after a day", () => {
    const it = guarded(T);
    it.set(T + jump);
    expect(it.state()).toEqual([true, true]);
    it.go(16 * MINUTE);
    expect(it.state()).toEqual([true, false]);
    it.go(DAY);
    expect(it.state()).toEqual([false, false]);
  });

  test("is right where agents say so: a computer that was asleep", () => {
    const it = guarded(T);
    it.set(T + jump);
    it.vote(1, T + jump);
    expect(it.state()).toEqual([false, false]);
  });
});

test.each([
  ["a first start", undefined, T, [false, false]],
  ["a restart", T - HOUR, T, [false, false]],
  ["a restart after two days", T - 2 * DAY, T, [false, false]],
  ["a start two years later", T, T + 2 * YEAR, [true, true]],
  ["a start before what is stored", T, T - 2 * DAY, [true, true]],
])("%s", (_, known, start, expected) => {
  expect(guarded(known, start).state()).toEqual(expected);
});

test("one agent with a wrong clock, or two, make nobody doubt; most of many do", () => {
  const it = guarded(T);
  it.vote(2, T - 3 * DAY);
  expect(it.state()).toEqual([false, false]);
  it.vote(5, T);
  it.vote(3, T - 3 * DAY);
  expect(it.state()).toEqual([true, true]);
  // What they said is over after a while.
  it.go(HOUR);
  expect(it.state()).toEqual([false, false]);
});

test("of more than two hundred agents the newest words count", () => {
  const it = guarded(T);
  it.vote(250, T - 3 * DAY);
  expect(it.state()).toEqual([true, true]);
  for (let i = 0; i < 200; i += 1) it.guard.vote(`other${i}`, T, T);
  expect(it.state()).toEqual([false, false]);
});
