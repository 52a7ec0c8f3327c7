import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { recordAgentHeartbeat } from "../../../collector/state/agent-heartbeat.ts";
import { type ComputerState, newComputer, recordIdentity } from "../../../collector/state/computer.ts";
import { recordKmsTarget } from "../../../collector/state/kms/targets.ts";
import { CHANGES, recordRearm } from "../../../collector/state/license-history.ts";
import {
  recordActivation,
  recordLicenses,
  recordRearmsLeft,
  recordRenewal,
  recordStateBefore,
  recordStated,
} from "../../../collector/state/licenses.ts";
import { overdueAt } from "../../../collector/state/renewals.ts";
import { licensesOf } from "../../../licensing/license.ts";
import { productsFrom } from "../../../licensing/products.ts";
import { HOUR, MINUTE } from "../../../licensing/time.ts";
import { heartbeat, licensing, OFFICE16, product, WIN10 } from "../../support/facts.ts";

/**
 * The state of a computer, and what it adds to counters, are functions of the set of facts (docs/counting-rules.md, "Order
 * changes nothing").
 */
const T = Date.parse("2026-11-20T12:00:00Z");
const products = productsFrom();
type Totals = Record<string, number>;
type Apply = (computer: ComputerState, totals: Totals) => void;

/** So that a counterexample can be read. */
const named = (text: string, apply: Apply): Apply => Object.assign(apply, { [fc.toStringMethod]: () => text });

const add = (totals: Totals, key: string, by: number): void => {
  expect(by).toBeGreaterThanOrEqual(0);
  if (by > 0) totals[key] = (totals[key] ?? 0) + by;
};

const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";
const CHANNELS = ["VOLUME_KMSCLIENT channel", "VOLUME_MAK channel", "RETAIL channel"];
const at = fc.integer({ min: 0, max: 30 }).map((it) => T - it * HOUR);

/** No computer is read twice at one instant. */
const readings = fc
  .uniqueArray(
    fc.record({
      at,
      statuses: fc.array(fc.constantFrom(1, 1, 2, 5), { minLength: 0, maxLength: 2 }),
      minutes: fc.constantFrom(0, 1_000, 100_000, 250_000),
      second: fc.integer({ min: 0, max: 90 }),
      channel: fc.constantFrom(...CHANNELS),
      adba: fc.boolean(),
      rearms: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      reversed: fc.boolean(),
      imported: fc.boolean(),
      interval: fc.constantFrom(undefined, 10_080, 1_440),
    }),
    { maxLength: 8, selector: (it) => it.at },
  )
  .map((all) =>
    all.map(({ at, statuses, minutes, second, channel, adba, rearms, reversed, imported, interval }): Apply => {
      const rows = statuses.map((status, i) =>
        product({
          ID: [WIN10, OFFICE16][i]!,
          ...(i === 1 && { ApplicationID: OFFICE }),
          LicenseStatus: status,
          // The same end told by another hour: whole minutes of it, wavering by less than one.
          GracePeriodRemaining: minutes === 0 ? 0 : minutes + (T - at) / MINUTE,
          Description: channel,
          VLActivationType: adba ? 1 : 2,
          VLRenewalInterval: interval ?? null,
        }),
      );
      const observedAt = at + (minutes === 250_000 ? second * 600 : 0);
      const licenses = licensesOf(licensing(reversed ? rows.toReversed() : rows), observedAt);
      return named(JSON.stringify([observedAt - T, imported, licenses, rearms]), (computer, totals) => {
        const recorded = recordLicenses(computer, { licenses, rearmsLeft: rearms, observedAt, products, imported });
        for (const it of CHANGES) add(totals, it, recorded?.changes.filter((change) => change === it).length ?? 0);
      });
    }),
  );

const activation = fc
  .record({ at, id: fc.constantFrom(WIN10, OFFICE16), renewalMinutes: fc.constantFrom(undefined, 10_080, 1_440) })
  .map(
    ({ at, id, renewalMinutes }): Apply =>
      named(`activated ${at - T} ${id} ${renewalMinutes}`, (computer) => {
        recordRenewal(computer, at);
        recordActivation(computer, { activationId: id, at, renewalMinutes, products, open: [] });
      }),
  );
const before = fc.record({ at, id: fc.constantFrom(WIN10, OFFICE16), status: fc.constantFrom(1, 2, 5) }).map(
  ({ at, id, status }): Apply =>
    (computer) =>
      recordStateBefore(computer, { activationId: id, status, minutes: 40_000, at, products }),
);
const stated = fc
  .record({
    at,
    id: fc.constantFrom(WIN10, OFFICE16),
    status: fc.constantFrom("licensed" as const, "oob_grace" as const),
  })
  .map(
    ({ at, id, status }): Apply =>
      named(`8230 ${at - T} ${id} ${status}`, (computer) =>
        recordStated(computer, { activationId: id, status, deadline: T + 9 * HOUR, at, products }),
      ),
  );
/** Of one event, so once in the set: what it counts is guarded by its identity. */
const rearm = fc.record({ at, left: fc.integer({ min: 0, max: 3 }) }).map(
  ({ at, left }): Apply =>
    named(`rearm ${at - T} ${left}`, (computer, totals) => {
      recordRearmsLeft(computer, left, at);
      const { history, changes } = recordRearm(computer.history ?? [], at);
      if (history.length > 0) computer.history = history;
      add(totals, "rearmed", changes.length);
    }),
);
const said = fc
  .record({
    at,
    zone: fc.constantFrom("core", "lab", undefined),
    addresses: fc.constantFrom("10.7.0.1", "10.7.0.2 2001:db8::1", undefined),
    os: fc.constantFrom("Windows 10", "Windows 11", undefined),
    agentVersion: fc.constantFrom("1.0.0", "1.1.0", undefined),
  })
  .map(
    ({ at, ...identity }): Apply =>
      (computer) =>
        recordIdentity(computer, identity, at),
  );
const target = fc.record({ at, name: fc.constantFrom("kms01", "kms02.contoso.com", undefined) }).map(
  ({ at, name }): Apply =>
    (computer) =>
      recordKmsTarget(computer, name, at),
);

/** Heartbeats of one agent: its counters only rise. */
const heartbeats = fc
  .uniqueArray(fc.record({ at, imported: fc.boolean(), rise: fc.tuple(fc.nat(3), fc.nat(3)), spooled: fc.nat(3) }), {
    maxLength: 5,
    selector: (it) => it.at,
  })
  .map((all) => {
    const counters = { dropped: 0, gaps: 0 };
    return all
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, imported, rise, spooled }): Apply => {
        counters.dropped += rise[0];
        counters.gaps += rise[1];
        const fact = heartbeat(at, {
          droppedRecords: { licensing: counters.dropped },
          spooledRecords: spooled,
          channels: { Application: { gaps: counters.gaps } },
        });
        return (computer, totals) => {
          const grown = recordAgentHeartbeat(computer, fact, { at, receivedAt: T, sentAt: at, imported });
          for (const [kind, by] of grown?.dropped ?? []) add(totals, `dropped ${kind}`, by);
          add(totals, "gaps", grown?.gaps ?? 0);
        };
      });
  });

const facts = fc
  .tuple(fc.array(fc.oneof(activation, before, said, target, stated, rearm), { maxLength: 8 }), readings, heartbeats)
  .map((it) => it.flat());

const fold = (all: readonly Apply[]) => {
  const computer = newComputer();
  const totals: Totals = {};
  for (const apply of all) apply(computer, totals);
  const { attempts: _, ...state } = computer;
  return { state: { ...state, renewals: overdueAt(computer) }, totals };
};

test("every order of the same facts, and every repetition, gives the same state and the same totals", () => {
  fc.assert(
    fc.property(
      facts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const expected = fold(all);
        expect(fold(shuffled)).toEqual(expected);
        expect(fold([...shuffled, ...all.slice(0, 4)])).toEqual(expected);
      },
    ),
    { numRuns: 400 },
  );
});
