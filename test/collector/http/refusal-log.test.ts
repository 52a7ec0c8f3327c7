import { expect, test } from "@jest/globals";
import { refusalLog } from "../../../collector/http/refusal-log.ts";
import { MINUTE } from "../../../licensing/time.ts";

const T = Date.parse("2026-11-20T12:00:00Z");

const recording = () => {
  const logged: string[] = [];
  const counted: string[] = [];
  let now = T;
  const log = refusalLog({
    clock: () => now,
    log: { warn: (text: string) => logged.push(text) } as never,
    count: (cause) => counted.push(cause),
  });
  return { log, logged, counted, at: (ms: number) => (now = T + ms) };
};

test("each cause is logged once a minute, with the number of those that were not", () => {
  const { log, logged, counted, at } = recording();
  log.record("unauthenticated", "10.0.0.1", "no token");
  log.record("unauthenticated", "10.0.0.2", "no token");
  log.record("forbidden", "10.0.0.3", "another computer");
  expect(logged).toEqual([
    "Refused a request from 10.0.0.1: no token",
    "Refused a request from 10.0.0.3: another computer",
  ]);
  at(MINUTE);
  log.record("unauthenticated", "10.0.0.2", "no token");
  expect(logged[2]).toBe("Refused a request from 10.0.0.2: no token (2 such requests since the last message)");
  expect(counted).toHaveLength(4);
  // The clock was set back: it must not be silent until it has caught up.
  at(-10 * MINUTE);
  log.record("unauthenticated", "10.0.0.2", "no token");
  expect(logged).toHaveLength(4);
});

test("the senders that were refused last are remembered, a hundred of them", () => {
  const { log, at } = recording();
  for (let i = 0; i < 150; i += 1) {
    at(i);
    log.record("malformed", `10.0.0.${i}`, "x".repeat(1_000));
  }
  log.record("malformed", "10.0.0.60", "again");
  const senders = log.senders();
  expect(senders).toHaveLength(100);
  expect(senders[0]).toEqual({
    cause: "malformed",
    address: "10.0.0.60",
    requests: 2,
    first: "2026-11-20T12:00:00.060Z",
    last: "2026-11-20T12:00:00.149Z",
    detail: "again",
  });
  expect(senders[1]).toMatchObject({ address: "10.0.0.149", detail: "x".repeat(300) });
  expect(senders.map((it) => it.address)).not.toContain("10.0.0.49");
});
