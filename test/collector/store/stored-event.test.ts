import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { factOf, storedFact } from "../../../collector/store/stored-event.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { KMS01, request } from "../../support/facts.ts";

const stored = (fact: EventFact, key: string) =>
  factOf({ computer: key, eventId: fact.eventId, fact: storedFact(fact, key) });

const text = fc.oneof(fc.constantFrom("", ",", "a", "0x0", "25", "a,b", "kms01"), fc.string({ maxLength: 6 }));
const whence = fc.constantFrom(
  { provider: "Microsoft-Windows-Security-SPP", eventSource: "KmsRequests", channel: "Key Management Service" },
  { provider: "Microsoft-Windows-Security-SPP", eventSource: "KmsRequests" },
  { provider: "Microsoft-Windows-Security-SPP", channel: "Application" },
  { provider: "" },
);
const facts = fc.record({
  eventId: fc.constantFrom(12288, 12289, 12290, 8198),
  computer: fc.constantFrom(KMS01, KMS01.toUpperCase(), `${KMS01}.`),
  recordId: fc.option(fc.nat(), { nil: undefined }),
  whence,
  fields: fc.array(text, { maxLength: 10 }),
  list: fc.boolean(),
});

test("a row gives back the very fact that was put into it", () => {
  fc.assert(
    fc.property(facts, ({ eventId, computer, recordId, whence, fields, list }) => {
      const fact: EventFact = {
        kind: "event",
        eventId,
        computer,
        ...whence,
        ...(recordId !== undefined && { recordId }),
        time: "2026-11-20T08:15:30.1234567Z",
        data: list ? [fields.join(","), ...fields] : fields,
      };
      expect(stored(fact, KMS01)).toEqual(fact);
    }),
    { numRuns: 2_000 },
  );
});

test("the usual request takes little more than its fields", () => {
  const fact: EventFact = {
    ...request({ at: Date.parse("2026-11-20T12:00:00Z"), client: 1 }),
    eventSource: "KmsRequests",
    channel: "Key Management Service",
  };
  const fields = fact.data.join(",");
  expect(storedFact({ ...fact, data: [fields, ...fact.data] }, KMS01).length).toBeLessThan(fields.length + 120);
});
