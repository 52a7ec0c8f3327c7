import { expect, test } from "@jest/globals";
import { newSleep } from "../../../agent/delivery/sleep.ts";

const LONG = 3_600_000;
const awake = (sleeping: Promise<void>) =>
  Promise.race([sleeping.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

test("what came before the sleep began is not slept over; what was seen is not new again", async () => {
  const sleep = newSleep();
  sleep.wake();
  expect(await awake(sleep.untilNew(LONG))).toBe(true);
  const second = sleep.untilNew(LONG);
  expect(await awake(second)).toBe(false);
  sleep.wake();
  expect(await awake(second)).toBe(true);
});

test("new records do not shorten a back-off, and are sent right after it; the end of the program ends it", async () => {
  const sleep = newSleep();
  const backOff = sleep.for(LONG);
  sleep.wake();
  expect(await awake(backOff)).toBe(false);
  sleep.end();
  expect(await awake(backOff)).toBe(true);
  expect(await awake(sleep.untilNew(LONG))).toBe(true);
  await sleep.for(1);
});
