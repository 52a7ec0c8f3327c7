import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type CountedFailure, recordFailureSign } from "../../../collector/state/failures.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { sent } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const PC = "pc1.contoso.com";

test.each([
  ["one sign", [[0, "service"]], 1],
  [
    "both signs of one failure",
    [
      [0, "exchange"],
      [10, "service"],
    ],
    1,
  ],
  [
    "both signs, the later one first",
    [
      [10, "service"],
      [0, "exchange"],
    ],
    1,
  ],
  [
    "two failures of the service",
    [
      [0, "service"],
      [60, "service"],
    ],
    2,
  ],
  [
    "two failures with both signs",
    [
      [0, "exchange"],
      [5, "service"],
      [120, "exchange"],
      [125, "service"],
    ],
    2,
  ],
  [
    "signs too far apart",
    [
      [0, "exchange"],
      [600, "service"],
    ],
    2,
  ],
  [
    "all three signs of one failure",
    [
      [0, "exchange"],
      [10, "service"],
      [20, "rules"],
    ],
    1,
  ],
  [
    "two failures of which one sign each is near both",
    [
      [0, "exchange"],
      [120, "service"],
      [240, "exchange"],
      [360, "rules"],
    ],
    2,
  ],
] as const)("%s", (_, signs, expected) => {
  let failures: Parameters<typeof recordFailureSign>[0] = [];
  let counted = 0;
  for (const [seconds, sign] of signs) {
    const step = recordFailureSign(failures, { at: T + seconds * SECOND, sign });
    failures = step.failures;
    if (step.counts) counted += 1;
  }
  expect(counted).toBe(expected);
});

const sign = fc.record({
  at: fc.integer({ min: 0, max: 20 }).map((it) => T + it * MINUTE),
  sign: fc.constantFrom("exchange" as const, "service" as const, "rules" as const),
});
test("every order of the same signs counts as many failures", () => {
  const countOf = (signs: readonly CountedFailure[]) => {
    let failures: readonly CountedFailure[] = [];
    let counted = 0;
    for (const it of signs) {
      const step = recordFailureSign(failures, it);
      failures = step.failures;
      if (step.counts) counted += 1;
    }
    return counted;
  };
  fc.assert(
    fc.property(
      fc
        .array(sign, { maxLength: 12 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => expect(countOf(shuffled)).toBe(countOf(all)),
    ),
    { numRuns: 500 },
  );
});

test("what an older version kept of both signs of one failure still explains both", () => {
  const known: readonly CountedFailure[] = [{ at: T, sign: "exchange", both: true }];
  for (const sign of ["exchange", "service", "rules"] as const)
    expect(recordFailureSign(known, { at: T + MINUTE, sign }).counts).toBe(sign !== "rules");
});

describe("8198", () => {
  const own = ownEngine("failures", T);
  const failed = (at: number, hr: string): Fact => ({
    ...sent({ at, client: 1 }),
    eventId: 8198,
    data: [`hr=${hr}`, "RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;Trigger=UserLogon"],
  });

  test("is the only sign of a MAK computer's failure", async () => {
    await own.take(PC, [failed(T - HOUR, "0xC004C020")]);
    expect(await own.figure("attempts_total", { outcome: "refused" })).toBe(1);
    expect(await own.figure("failures_total", { reason: "limit_exceeded" })).toBe(1);
  });

  test("counts when it arrives live, also after an import brought it", async () => {
    await own.take(PC, [failed(T - HOUR, "0xC004C020")], { imported: true });
    expect(await own.figure("attempts_total", { outcome: "refused" })).toBe(0);
    for (let i = 0; i < 2; i += 1) await own.take(PC, [failed(T - HOUR, "0xC004C020")]);
    expect(await own.figure("attempts_total", { outcome: "refused" })).toBe(1);
  });

  test.each(["first", "last"])("adds nothing to a 12288 that failed, the 12288 %s", async (place) => {
    const facts = [sent({ at: T - HOUR, client: 1, hresult: "0xC004F074" }), failed(T - HOUR + MINUTE, "0xC004F074")];
    for (const it of place === "first" ? facts : facts.toReversed()) await own.take(PC, [it]);
    expect(await own.figure("attempts_total", { outcome: "no_answer" })).toBe(1);
  });
});
