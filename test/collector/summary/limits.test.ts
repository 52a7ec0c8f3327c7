import { expect, test } from "@jest/globals";
import { HOUR_MAX } from "../../../collector/ingest/uninterpreted.ts";
import { SUMS_MAX } from "../../../collector/state/folded-sums.ts";
import { newKmsHost } from "../../../collector/state/kms/host-state.ts";
import type { Memory } from "../../../collector/state/memory.ts";
import { Sums, sumKey } from "../../../collector/store/sums.ts";
import { type LimitName, limitsOf } from "../../../collector/summary/limits.ts";
import { productsFrom } from "../../../licensing/products.ts";
import { LIMITS } from "../../../licensing/telemetry/label-values.ts";
import { HOUR, hourOf, MINUTE } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, KMS01, licensing, product, request } from "../../support/facts.ts";

/** Each bound of what a sender, a host or a fleet can make grow is shown before and when it is reached. */
const T = Date.parse("2026-11-20T12:00:00Z");

type Filled = Pick<
  Memory,
  "sums" | "hosts" | "probers" | "products" | "configuredZones" | "reportedZones" | "computersMax" | "uninterpreted"
>;
const empty = (): Filled => ({
  sums: new Sums(),
  hosts: new Map(),
  probers: new Map(),
  products: productsFrom(),
  configuredZones: new Set(),
  reportedZones: new Set(),
  computersMax: 100,
});
const limits = (memory: Filled) =>
  Object.fromEntries(limitsOf(memory as Memory, T).map((it) => [it.limit, it])) as Record<
    LimitName,
    ReturnType<typeof limitsOf>[number]
  >;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));
const withHost = (memory: Filled, more: object) => memory.hosts.set(KMS01, { ...newKmsHost(), ...more });
const sumsOf = (group: keyof typeof SUMS_MAX) => (memory: Filled, count: number) =>
  memory.sums.put(numbers(count).map((it) => [sumKey(group, "a", "b", it), 1]));

/** What fills each limit, and how much of it there is room for. */
const FILLED: Record<LimitName, [fill: (memory: Filled, count: number) => unknown, room: number]> = {
  computers: [(memory, count) => memory.sums.put([[sumKey("computers"), count]]), 100],
  kms_hosts: [(memory, count) => numbers(count).map((it) => memory.hosts.set(it, newKmsHost())), 500],
  kms_host_details: [
    (memory, count) => withHost(memory, { aliases: Object.fromEntries(numbers(count).map((it) => [it, T])) }),
    50,
  ],
  zones: [(memory, count) => numbers(count).map((it) => memory.reportedZones.add(it)), 100],
  probers: [(memory, count) => numbers(count).map((it) => memory.probers.set(it, { results: {} })), 300],
  products: [(memory, count) => numbers(count).map((it) => memory.products.learn(it, "x", "windows")), 5_000],
  licenses: [sumsOf("licenses"), SUMS_MAX.licenses],
  keys: [sumsOf("mak"), SUMS_MAX.mak],
  failing_sources: [sumsOf("failing"), SUMS_MAX.failing],
  kms_targets: [sumsOf("target"), SUMS_MAX.target],
  deadlines: [sumsOf("deadline"), SUMS_MAX.deadline],
  renewals: [sumsOf("overdue"), SUMS_MAX.overdue],
  methods: [sumsOf("method"), SUMS_MAX.method],
  notifications: [sumsOf("notices"), SUMS_MAX.notices],
  distinct_clients: [sumsOf("distinct"), SUMS_MAX.distinct],
  asked_products: [sumsOf("asked"), SUMS_MAX.asked],
  kms_computers: [sumsOf("kms_computers"), SUMS_MAX.kms_computers],
  kms_licenses: [sumsOf("kms_licenses"), SUMS_MAX.kms_licenses],
  kms_renewals: [sumsOf("kms_due"), SUMS_MAX.kms_due],
  uninterpreted: [
    (memory, count) => Object.assign(memory, { uninterpreted: { hour: hourOf(T), text: count } }),
    HOUR_MAX,
  ],
};

test.each(LIMITS)("%s", (name) => {
  const [fill, room] = FILLED[name];
  expect(limits(empty())[name]).toMatchObject({ used: 0, reached: false });
  const almost = empty();
  fill(almost, room - 1);
  expect(limits(almost)[name]).toEqual({ limit: name, used: room - 1, allowed: room, reached: false });
  fill(almost, room);
  expect(limits(almost)[name]).toMatchObject({ used: room, reached: true });
  expect(Object.values(limits(almost)).filter((it) => it.reached)).toHaveLength(1);
});

test("a KMS host whose row was too large is shown for a day", () => {
  const memory = empty();
  withHost(memory, { halvedAt: T - 23 * HOUR });
  expect(limits(memory).kms_host_details.reached).toBe(true);
  withHost(memory, { halvedAt: T - 25 * HOUR });
  expect(limits(memory).kms_host_details.reached).toBe(false);
});

const own = ownEngine("limits-shown", T);
const reached = async () =>
  [...(await own.series())]
    .filter(([key, value]) => key.startsWith("activation_collector_limit_reached{") && value === 1)
    .map(([key]) => /limit="(\w+)"/.exec(key)?.[1]);
const findings = async (language?: "ja") =>
  (await own.engine.answer({ ask: "collector", ...(language && { language }) })).findings;

test("a full collector says so in its metric and in its findings, in both languages", async () => {
  await own.reopen("limits: { computers: 3 }");
  const computers = ["pc1", "pc2", "pc3"].map((it) => fromAgent(it, [licensing(), heartbeat(T)], T));
  await own.engine.ingest([submissionOf(computers.slice(0, 2), T)]);
  expect([await reached(), await findings()]).toEqual([[], []]);
  await own.engine.ingest([submissionOf(computers, T)]);
  expect(await reached()).toEqual(["computers"]);
  expect(await findings()).toEqual([expect.stringMatching(/limits\.computers.*3 of 3/)]);
  expect(await findings("ja")).toEqual([expect.stringContaining("上限")]);
});

test("every limit has its series from the start", async () => {
  const named = [...(await own.series()).keys()].filter((it) => it.startsWith("activation_collector_limit_reached{"));
  expect(named).toHaveLength(LIMITS.length);
});

test.each<[LimitName, () => Promise<unknown>]>([
  [
    "kms_hosts",
    () =>
      own.engine.ingest(
        numbers(501).map((it) => {
          const host = `kms${it}.contoso.com`;
          return submissionOf([fromAgent(host, [request({ at: T, client: 1, host })], T)], T);
        }),
      ),
  ],
  [
    "zones",
    () =>
      own.engine.ingest(
        numbers(101).map((it) => submissionOf([fromAgent(`pc${it}`, [heartbeat(T)], T, { zone: `z${it}` })], T)),
      ),
  ],
  [
    "keys",
    () =>
      own.engine.ingest(
        numbers(1_001).map((it) =>
          submissionOf(
            [
              fromAgent(
                `pc${it}`,
                [
                  licensing([
                    product({ Description: "X, VOLUME_MAK channel", PartialProductKey: it.padStart(5, "0") }),
                  ]),
                ],
                T,
              ),
            ],
            T,
          ),
        ),
      ),
  ],
])("what senders invent reaches %s", async (name, flood) => {
  await flood();
  expect(await reached()).toEqual([name]);
  own.now = T + MINUTE;
  expect((await own.engine.answer({ ask: "collector" })).limits.filter((it) => it.reached)).toHaveLength(1);
});
