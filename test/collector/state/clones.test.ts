import { describe, expect, test } from "@jest/globals";
import type { Fact, LicensingFact } from "../../../licensing/facts.ts";
import { DAY, HOUR, type Instant } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { cmid, heartbeat, KMS01, licensing, OFFICE16, product, request, sent } from "../../support/facts.ts";

/** Duplicate machine IDs over all KMS hosts and agents (docs/counting-rules.md). */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("clones", T);
const KMS02 = "kms02.contoso.com";
const A = "pc-a.contoso.com";
const B = "pc-b.contoso.com";

interface Said {
  readonly by: string;
  readonly at: Instant;
  readonly fact: Fact;
}
const ask = (host: string, name: string, at: Instant, more: { product?: string; need?: number } = {}): Said => ({
  by: host,
  at,
  fact: request({ at, host, client: 1, name, ...more }),
});
const reading = (service: LicensingFact["service"] = { ClientMachineID: cmid(1) }, more: Partial<LicensingFact> = {}) =>
  licensing([product()], { ...(service && { service }), ...more });
const read = (name: string, at: Instant, fact: Fact = reading()): Said => ({ by: name, at, fact });

const deliver = async (said: readonly Said[]) => {
  for (const { by, at, fact } of said) await own.take(by, [fact], { at });
};
/** Each computer that shares an ID, by the KMS host that shows it. */
const shown = async (): Promise<Record<string, unknown>> => {
  const { items } = (await own.engine.answer({ ask: "kms-hosts" })) as unknown as {
    items: { kms_host: string; duplicate_machine_ids: { client_machine_id: string; computers: string[] }[] }[];
  };
  return Object.fromEntries(
    items.flatMap((it) => it.duplicate_machine_ids.map((id) => [it.kms_host, id.computers] as const)),
  );
};
const orders = <T>(all: readonly T[]): T[][] =>
  all.length === 0 ? [[]] : all.flatMap((it, i) => orders(all.toSpliced(i, 1)).map((rest) => [it, ...rest]));

describe("one client machine ID under A, B, A", () => {
  test.each<[string, readonly Said[], Record<string, unknown>]>([
    [
      "at two KMS hosts",
      [ask(KMS01, A, T - 5 * DAY), ask(KMS02, B, T - 4 * DAY), ask(KMS01, A, T - 3 * DAY)],
      { [KMS01]: [A, B], [KMS02]: [A, B] },
    ],
    [
      "in two pools of one KMS host",
      [
        ask(KMS01, A, T - 5 * DAY),
        ask(KMS01, B, T - 4 * DAY, { product: OFFICE16, need: 5 }),
        ask(KMS01, A, T - 3 * DAY),
      ],
      { [KMS01]: [A, B] },
    ],
    [
      "at a KMS host and in an agent's reading",
      [ask(KMS01, A, T - 5 * DAY), read(B, T - 4 * DAY), ask(KMS01, A, T - 3 * DAY)],
      { [KMS01]: [A, B] },
    ],
    [
      "in the readings of two agents whose computer asked a KMS host",
      [ask(KMS01, A, T - 6 * DAY), read(A, T - 5 * HOUR), read(B, T - 4 * HOUR), read(A, T - 3 * HOUR)],
      { [KMS01]: [A, B] },
    ],
    [
      "in the readings of two agents of which one names the KMS host",
      [
        { by: KMS01, at: T - 7 * DAY, fact: request({ at: T - 7 * DAY, client: 7 }) },
        { by: A, at: T - 6 * DAY, fact: { ...sent({ at: T - 6 * DAY, client: 1 }), computer: A } },
        read(A, T - 5 * HOUR),
        read(B, T - 4 * HOUR),
        read(A, T - 3 * HOUR),
      ],
      { [KMS01]: [A, B] },
    ],
  ])("%s is found, in any order", async (_, said, expected) => {
    for (const [i, order] of orders(said).entries()) {
      if (i % 5 !== 0 && said.length > 4) continue;
      await own.startAnew();
      await deliver(order);
      expect(await shown()).toEqual(expected);
    }
  });
});

test("three names at three KMS hosts are found", async () => {
  const third = "kms03.contoso.com";
  await deliver([ask(third, "pc-c", T - 3 * DAY), ask(KMS02, B, T - 4 * DAY), ask(KMS01, A, T - 5 * DAY)]);
  expect(Object.keys(await shown())).toEqual([KMS01, KMS02, third]);
});

test("Office's own service has an ID of its own", async () => {
  const office = reading({}, { officeService: { ClientMachineID: cmid(1).toUpperCase() } });
  await deliver([ask(KMS01, A, T - 5 * DAY), read(B, T - 4 * DAY, office), ask(KMS01, A, T - 3 * DAY)]);
  expect(await shown()).toEqual({ [KMS01]: [A, B] });
});

describe("one computer is none", () => {
  test.each<[string, readonly Said[]]>([
    ["that asks two KMS hosts", [ask(KMS01, A, T - 5 * DAY), ask(KMS02, A, T - 4 * DAY), ask(KMS01, A, T - DAY)]],
    ["that is renamed", [ask(KMS01, A, T - 5 * DAY), read(A, T - 5 * DAY), ask(KMS02, B, T - DAY), read(B, T - DAY)]],
    ["with an agent", [ask(KMS01, "PC-A", T - 5 * DAY), read(A, T - 4 * DAY), ask(KMS01, "PC-A", T - 3 * DAY)]],
    [
      "that Windows Setup names",
      [ask(KMS01, "MININT-4GH2K", T - 5 * DAY), ask(KMS02, "pc-a", T - 4 * DAY), read(A, T - 3 * DAY)],
    ],
  ])("%s", async (_, said) => {
    for (const order of [said, said.toReversed()]) await deliver(order);
    expect(await shown()).toEqual({});
  });
});

test("a clone that stops asking is forgotten 30 days after, at each KMS host that it asked", async () => {
  await deliver([ask(KMS01, A, T - 5 * DAY), ask(KMS02, B, T - 4 * DAY), ask(KMS01, A, T - 3 * DAY)]);
  own.now = T + 24 * DAY;
  for (const it of [KMS01, KMS02]) await own.take(it, [heartbeat(own.now)]);
  expect(Object.keys(await shown())).toEqual([KMS01, KMS02]);
  own.now = T + 25 * DAY;
  for (const it of [KMS01, KMS02]) await own.take(it, [heartbeat(own.now)]);
  expect(await shown()).toEqual({});
});

test("requests that come after many of one name find what another KMS host has seen between them", async () => {
  const daily = Array.from({ length: 28 }, (_, i) => ask(KMS01, A, T - (28 - i) * DAY));
  await deliver([...daily.slice(0, 12), ask(KMS02, B, T - 16.5 * DAY), ...daily.slice(12)]);
  own.now = T + 10 * DAY;
  await own.take(KMS01, [heartbeat(own.now)]);
  expect(await shown()).toMatchObject({ [KMS01]: [A, B] });
});
