import fc from "fast-check";
import { DAY, MINUTE } from "../../../licensing/time.ts";
import type { HostFact, RequestFact } from "./delivered-kms-host.ts";

/** Random facts of one KMS host. */
const T = Date.parse("2026-11-20T12:00:00Z");
const DAYS = 70;
const minuteOfDay = fc.integer({ min: 0, max: DAYS * 24 * 60 });

/** Clients that ask one after the other, or the same ones again. */
const burst = fc
  .record({
    minute: minuteOfDay,
    count: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 12 }), fc.integer({ min: 20, max: 55 })),
    first: fc.integer({ min: 0, max: 20 }),
    product: fc.constantFrom("client" as const, "server" as const, "server" as const, "office" as const),
    result: fc.constantFrom(
      "served" as const,
      "served" as const,
      "served" as const,
      "tooFew" as const,
      "failed" as const,
    ),
    status: fc.constantFrom(1, 2),
  })
  .map(({ minute, count, first, ...rest }) =>
    Array.from(
      { length: count },
      (_, i): RequestFact => ({
        kind: "request",
        at: T + (minute + i) * MINUTE,
        client: first + i,
        ...rest,
      }),
    ),
  );
const reading = fc
  .record({ minute: minuteOfDay, count: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 50 })) })
  .map(({ minute, count }): HostFact[] => [{ kind: "reading", at: T + minute * MINUTE, counts: { windows: count } }]);
const heartbeat = (reach: number) =>
  minuteOfDay.map((minute): HostFact[] => {
    const at = T + minute * MINUTE;
    return [{ kind: "heartbeat", at, oldest: T - reach, gaps: 0 }];
  });

/** Facts at distinct instants, with the record numbers of a log, and a heartbeat at the end. */
export const world = (reach: number) =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: burst },
        { weight: 2, arbitrary: reading },
        { weight: 1, arbitrary: heartbeat(reach) },
      ),
      {
        minLength: 1,
        maxLength: 14,
      },
    )
    .map((pieces): HostFact[] => {
      const byTime = new Map<number, HostFact>();
      for (const it of pieces.flat()) if (!byTime.has(it.at)) byTime.set(it.at, it);
      const end = T + (DAYS + 1) * DAY;
      byTime.set(T - 1, { kind: "heartbeat", at: T - 1, oldest: T - reach, gaps: 0 });
      byTime.set(end, { kind: "heartbeat", at: end, oldest: T - reach, gaps: 0 });
      readAtLeastMonthly(byTime);
      let recordId = 100;
      return [...byTime.values()]
        .sort((a, b) => a.at - b.at)
        .map((it) => (it.kind === "request" ? { ...it, recordId: recordId++ } : it));
    });

/** An agent reads its KMS host often; a gap of a month between two readings is filled by readings that count the same. */
const readAtLeastMonthly = (byTime: Map<number, HostFact>): void => {
  const readings = [...byTime.values()].filter((it) => it.kind === "reading").sort((a, b) => a.at - b.at);
  for (const [i, it] of readings.entries())
    for (let at = it.at + 29 * DAY + 1; at < (readings[i + 1]?.at ?? 0); at += 29 * DAY) byTime.set(at, { ...it, at });
};

/** The same facts in another order, cut into transactions. */
export const delivered = (reach: number) =>
  world(reach).chain((facts) =>
    fc.record({
      facts: fc.constant(facts),
      order: fc.oneof(
        fc.constant(facts.toReversed()),
        fc.shuffledSubarray(facts, { minLength: facts.length, maxLength: facts.length }),
        // A few come late, as after an outage of one sender.
        fc
          .shuffledSubarray(facts, { maxLength: 3 })
          .map((late) => [...facts.filter((it) => !late.includes(it)), ...late]),
      ),
      size: fc.constantFrom(1, 3, 20),
    }),
  );
/** Short enough to be read in a counterexample. */
export const textOf = (it: HostFact): string => {
  const minute = (it.at - T) / MINUTE;
  if (it.kind === "reading") return `${minute}: reading ${JSON.stringify(it.counts)}`;
  if (it.kind === "heartbeat") return `${minute}: heartbeat`;
  return `${minute}: ${it.product} ${it.client} ${it.result} ${it.status}`;
};
export const cut = (facts: readonly HostFact[], size: number): HostFact[][] => {
  const pieces: HostFact[][] = [];
  for (let i = 0; i < facts.length; i += size) pieces.push(facts.slice(i, i + size));
  return pieces;
};
