import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { NO_ATTEMPTS } from "../../../collector/state/attempts.ts";
import type { ComputerState } from "../../../collector/state/computer.ts";
import { contributionsOf, countsAlike } from "../../../collector/state/contributions.ts";
import type { StoredLicense } from "../../../collector/state/license-state.ts";
import { DAY } from "../../../licensing/time.ts";
import { WIN10 } from "../../support/facts.ts";

const AT = Date.parse("2026-11-20T12:34:56Z");
const LICENSES: readonly StoredLicense[] = [
  {
    application: "windows",
    activationId: WIN10,
    name: "Windows(R), Enterprise edition",
    product: "Windows 10 Enterprise",
    channel: "kms_client",
    status: "licensed",
    deadline: AT + 170 * DAY,
    deadlineKind: "validity",
    partialProductKey: "2YT43",
    renewalIntervalMinutes: 10_080,
    addon: false,
  },
];
/** An activation that told another renewal interval than WMI does. */
const PRODUCTS = { [WIN10]: { activatedAt: AT, renewalMinutes: 1_440 } };

const computer: fc.Arbitrary<ComputerState> = fc.record(
  {
    licenses: fc.constant(LICENSES),
    attempts: fc.constant(NO_ATTEMPTS),
    agentVersion: fc.constant("1.0.0"),
    products: fc.constant(PRODUCTS),
    // The rest adds nothing to the figures by itself.
    licensesAt: fc.integer({ min: -3, max: 3 }).map((days) => AT + days * DAY),
    rearmsAt: fc.constantFrom(AT, AT + DAY),
    logUntil: fc.constantFrom(AT, AT + DAY),
  },
  { requiredKeys: ["licenses", "attempts", "agentVersion"] },
);

test("states that count alike add the same to the figures", () => {
  fc.assert(
    fc.property(computer, computer, (a, b) => {
      if (countsAlike(a, b)) expect(contributionsOf(a, "core", AT)).toEqual(contributionsOf(b, "core", AT));
    }),
    { numRuns: 300, seed: 1 },
  );
});
