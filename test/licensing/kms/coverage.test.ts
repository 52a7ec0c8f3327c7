import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type Coverage,
  isCompleteAt,
  knownUntil,
  NO_COVERAGE,
  withHeartbeat,
  withRecord,
} from "../../../licensing/kms/coverage.ts";
import { EMPTY_LEDGER } from "../../../licensing/kms/ledger.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";

const RUNS = Number(process.env.COVERAGE_RUNS ?? 300);
const T = Date.parse("2026-10-01T00:00:00Z");

type Fact =
  | { readonly kind: "heartbeat"; readonly at: number; readonly oldest: number; readonly gaps: number }
  | { readonly kind: "record"; readonly at: number; readonly id: number | undefined };

const added = (coverage: Coverage, it: Fact): Coverage =>
  it.kind === "record"
    ? withRecord(coverage, it.id, it.at)
    : withHeartbeat(coverage, { readUntil: it.at, oldest: it.oldest, gaps: it.gaps });
const inTime = (facts: readonly Fact[]) => facts.toSorted((a, b) => a.at - b.at);
const coverageOf = (facts: readonly Fact[]) => facts.reduce(added, NO_COVERAGE);

const hours = fc.uniqueArray(fc.integer({ min: 0, max: 60 * 24 }), { minLength: 1, maxLength: 12 });
/** Heartbeats whose agent counts gaps from 0 up; each one may find more of them. */
const heartbeats = (steps: fc.Arbitrary<number>) =>
  hours.chain((all) =>
    fc
      .array(fc.record({ step: steps, reach: fc.integer({ min: 0, max: 40 }) }), {
        minLength: all.length,
        maxLength: all.length,
      })
      .map((more) => {
        let gaps = 0;
        return all
          .toSorted((a, b) => a - b)
          .map((hour, i): Fact => {
            const { step, reach } = more[i]!;
            gaps = step < 0 ? 0 : gaps + step;
            return { kind: "heartbeat", at: T + hour * HOUR, oldest: T + hour * HOUR - reach * DAY, gaps };
          });
      }),
  );
const withinTwoDays = (it: Fact): Fact => ({ ...it, at: T + (it.at - T) / 30 });
/** Before it began anew it had counted more gaps than it has since. */
const restarted = heartbeats(fc.constantFrom(0, 0, 1, 3)).chain((all) =>
  fc
    .integer({ min: 0, max: all.length })
    .map((before) => all.map((it, i) => (it.kind === "heartbeat" && i < before ? { ...it, gaps: it.gaps + 100 } : it))),
);
/** The records of one log: numbers that rise with the time, some of which are missing. */
const records = fc
  .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
  .map((ids) => ids.map((id): Fact => ({ kind: "record", at: T + id * 36 * HOUR + 1, id })));
const shuffled = (facts: fc.Arbitrary<Fact[]>) =>
  facts.chain((it) =>
    fc.record({
      facts: fc.constant(it),
      order: fc.shuffledSubarray(it, { minLength: it.length, maxLength: it.length }),
      again: fc.shuffledSubarray(it),
    }),
  );

/** What counting asks of a coverage: at the end, and at every hour of a reading. */
const answers = (coverage: Coverage) => ({
  until: knownUntil(coverage),
  complete: Array.from({ length: 110 }, (_, i) => isCompleteAt(coverage, EMPTY_LEDGER, T + i * 17 * HOUR)),
});

describe.each([
  ["heartbeats of one count of gaps", heartbeats(fc.constant(0))],
  ["heartbeats of an agent that finds gaps", heartbeats(fc.constantFrom(0, 0, 1, 3))],
  ["heartbeats of an agent that once began to count anew, below what it had counted", restarted],
  ["heartbeats of an agent that begins to count anew again and again", heartbeats(fc.constantFrom(0, 0, 1, 2, -1))],
  ["the same within two days", heartbeats(fc.constantFrom(0, 1, -1)).map((all) => all.map(withinTwoDays))],
  ["records", records],
  ["records and heartbeats", fc.tuple(records, heartbeats(fc.constantFrom(0, 0, 1))).map((it) => it.flat())],
])("%s", (_, facts) => {
  test("in any order, with duplicates, are the coverage of the order of time", () => {
    fc.assert(
      fc.property(shuffled(facts), ({ facts: all, order, again }) => {
        const coverage = coverageOf([...order, ...again]);
        expect(coverage).toEqual(coverageOf(inTime(all)));
        expect(answers(coverage)).toEqual(answers(coverageOf(inTime(all))));
      }),
      { numRuns: RUNS },
    );
  });
});
test("heartbeats whose counter begins anew many times never make a log complete that is not", () => {
  fc.assert(
    fc.property(shuffled(heartbeats(fc.constantFrom(0, 0, 1, 2, -1))), ({ facts, order }) => {
      const asked = answers(coverageOf(inTime(facts)));
      const complete = answers(coverageOf(order)).complete;
      for (const [i, it] of asked.complete.entries()) if (!it) expect(complete[i]).toBe(false);
    }),
    { numRuns: RUNS },
  );
});
