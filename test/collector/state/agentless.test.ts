import { describe, expect, test } from "@jest/globals";
import type { ComputerItem } from "../../../collector/summary/computer-item.ts";
import { DAY, HOUR, iso, MINUTE } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { cmid, hostReading, KMS01, licensing, OFFICE16, product, request } from "../../support/facts.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const KMS02 = "kms02.contoso.com";
const it = ownEngine("agentless", NOW);

const computers = async (query: { q?: string; deadlineBefore?: number } = {}) => {
  const items: ComputerItem[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await it.engine.answer({
      ask: "computers",
      limit: 3,
      ...query,
      ...(cursor !== undefined && { cursor }),
    });
    items.push(...page.items);
    if (page.next_cursor === null) return items;
    cursor = page.next_cursor;
  }
};
const computer = (host: string) => it.engine.answer({ ask: "computer", host });
const count = (state: string, source: string, zone = "core") => it.figure("computers", { zone, state, source });
/** Enough clients for the KMS host to activate Windows clients; they ask a minute apart. */
const fill = async (host = KMS01, from = 100, at = NOW - DAY) =>
  it.take(
    host,
    Array.from({ length: 25 }, (_, i) => request({ at: at + i * MINUTE, client: from + i, host, status: 1 })),
  );

test("a client that only a KMS host's log names is a computer with zone, product, state, deadline and host", async () => {
  await fill();
  const at = NOW - 2 * HOUR;
  await it.take(KMS01, [request({ at, client: 7, status: 2 })]);
  expect(await computer("pc7.contoso.com")).toMatchObject({
    computer: "pc7.contoso.com",
    zone: "core",
    source: "kms",
    last_seen: iso(at),
    deadline: iso(at + 180 * DAY),
    renewed_at: iso(at),
    asked_kms_host: { name: KMS01, at: iso(at) },
    licenses: [
      {
        product: "Windows 10 Enterprise",
        application: "windows",
        channel: "kms_client",
        status: "licensed",
        deadline: iso(at + 180 * DAY),
        deadline_kind: "validity",
        primary: true,
        kms_host: KMS01,
      },
    ],
  });
  expect((await computers({ q: "pc7" })).map((found) => found.computer)).toEqual(["pc7.contoso.com"]);
  expect((await computers()).length).toBe(27);
  expect(await count("reporting", "kms")).toBe(26);
  expect(await count("stale", "kms")).toBeUndefined();
  expect(await count("reporting", "agent")).toBe(1);
  expect(
    await it.figure("licenses", { product: "Windows 10 Enterprise", channel: "kms_client", status: "licensed" }),
  ).toBe(26);
});

const sort = (items: readonly ComputerItem[]) =>
  items.map(({ computer, zone, source }) => `${computer} ${zone} ${source}`);

test("the logs of two KMS hosts name every client once, each in the zone of the host that it asked last", async () => {
  const inZone = (zone: string, host: string, facts: Parameters<typeof it.takeFrom>[2]) =>
    it.takeFrom(host, zone, facts);
  await inZone("core", KMS01, [
    ...[1, 2, 3].map((n) => request({ at: NOW - 9 * DAY + n * MINUTE, client: n })),
    request({ at: NOW - 8 * DAY, client: 3, product: OFFICE16, need: 5 }),
  ]);
  await inZone(
    "branch",
    KMS02,
    [3, 4].map((n) => request({ at: NOW - DAY + n * MINUTE, client: n, host: KMS02 })),
  );
  expect(sort(await computers({ q: "pc" }))).toEqual([
    "pc1.contoso.com core kms",
    "pc2.contoso.com core kms",
    "pc3.contoso.com branch kms",
    "pc4.contoso.com branch kms",
  ]);
  expect(await count("reporting", "kms")).toBe(2);
  expect(await count("reporting", "kms", "branch")).toBe(2);
  const both = await computer("pc3.contoso.com");
  expect(both?.licenses.map((license) => license.application)).toEqual(["windows", "office"]);
});

describe("one computer with two sources", () => {
  const asks = () => it.take(KMS01, [request({ at: NOW - 3 * HOUR, client: 7, status: 2 })]);
  const reports = () => it.take("pc7.contoso.com", [licensing()], { at: NOW - 2 * HOUR });
  const asksAgain = () => it.take(KMS01, [request({ at: NOW - HOUR, client: 7 })]);

  test.each([
    ["the KMS host's log first", [asks, reports, asksAgain]],
    ["its agent first", [reports, asks, asksAgain]],
    ["its agent last", [asksAgain, asks, reports]],
  ])("%s: it is the agent's", async (_, steps) => {
    for (const step of steps) await step();
    expect(await count("reporting", "kms")).toBe(0);
    expect(await count("reporting", "agent")).toBe(2);
    expect(await computer("pc7.contoso.com")).toMatchObject({ source: "agent", last_seen: iso(NOW - 2 * HOUR) });
    expect((await computers({ q: "pc7" })).length).toBe(1);
  });

  test("a short name and a former name are the computer whose agent tells the client machine ID", async () => {
    await it.take(KMS01, [request({ at: NOW - 9 * HOUR, client: 7, name: "OLD7" })]);
    await it.take(KMS01, [request({ at: NOW - 8 * HOUR, client: 8, name: "pc8" })]);
    expect(await count("reporting", "kms")).toBe(2);
    for (const n of [7, 8])
      await it.take(`pc${n}.contoso.com`, [licensing([product()], { service: { ClientMachineID: cmid(n) } })]);
    expect(await count("reporting", "kms")).toBe(0);
    expect((await computers()).map((found) => found.computer)).toEqual([KMS01, "pc7.contoso.com", "pc8.contoso.com"]);
  });
});

test("where the count was too low, state and deadline are those that the request tells, until the host's log tells of more clients", async () => {
  const at = NOW - 5 * HOUR;
  await it.take(KMS01, [request({ at, client: 7, status: 2, minutes: 40_000 })]);
  expect(await computer("pc7.contoso.com")).toMatchObject({
    deadline: iso(at + 40_000 * MINUTE),
    licenses: [{ status: "oob_grace", deadline_kind: "grace", reason: "0xC004F038" }],
  });
  const within = (status: string) => it.figure("deadlines", { zone: "core", status, within: "30d", source: "kms" });
  expect([await within("oob_grace"), await within("licensed")]).toEqual([1, 0]);
  expect(await it.figure("licenses", { channel: "kms_client", status: "oob_grace" })).toBe(1);
  expect((await computers({ deadlineBefore: NOW + 30 * DAY })).map((found) => found.computer)).toEqual([
    "pc7.contoso.com",
  ]);
  expect(await it.figure("worksheet_computers", { zone: "core", criterion: "remaining" })).toBe(1);
  // These asked before, and were read later.
  await it.take(
    KMS01,
    Array.from({ length: 24 }, (_, i) =>
      request({ at: at - HOUR + i * MINUTE, client: 100 + i, status: 2, minutes: 40_000 }),
    ),
    { imported: true },
  );
  expect(await computer("pc7.contoso.com")).toMatchObject({
    deadline: iso(at + 180 * DAY),
    licenses: [{ status: "licensed" }],
  });
  expect([await within("oob_grace"), await within("licensed")]).toEqual([24, 0]);
});

test("it is overdue like any other, never stale, and gone after 30 days; its next request brings it back", async () => {
  await fill();
  await it.take(KMS01, [request({ at: NOW - HOUR, client: 7 })]);
  const overdue = () => it.figure("renewals_overdue", { zone: "core" });
  expect(await overdue()).toBe(0);
  it.now = NOW + 16 * DAY;
  expect(await overdue()).toBe(26);
  it.now = NOW + 29 * DAY + 12 * HOUR;
  expect([await count("reporting", "kms"), await count("retired", "kms")]).toEqual([1, 25]);
  it.now = NOW + 31 * DAY;
  expect([await count("reporting", "kms"), await count("retired", "kms")]).toEqual([0, 26]);
  expect(await overdue()).toBe(0);
  expect(await computer("pc7.contoso.com")).toMatchObject({ retired: true });
  await it.take(KMS01, [request({ at: NOW + 31 * DAY - HOUR, client: 7 })]);
  expect([await count("reporting", "kms"), await count("retired", "kms")]).toEqual([1, 25]);
});

test("configuration says the zone by name, and which names are retired", async () => {
  await it.reopen(`
zones: [{ name: lab, kind: lab, computers: ["pc9*"] }]
retire: { names: ["pc99*"] }
`);
  await it.take(
    KMS01,
    [9, 91, 99, 5].map((n) => request({ at: NOW - HOUR, client: n })),
  );
  expect([await count("reporting", "kms", "lab"), await count("reporting", "kms", "core")]).toEqual([2, 1]);
  expect(await count("retired", "kms", "lab")).toBe(1);
  expect(await computer("pc99.contoso.com")).toMatchObject({ retired: true, zone: "lab" });
});

test("names that no computer can have are no computers", async () => {
  await it.take(
    KMS01,
    ["", "a b", "-x"].map((name, n) => request({ at: NOW - HOUR, client: n, name })),
  );
  expect(await count("reporting", "kms")).toBe(0);
  expect((await computers()).map((found) => found.computer)).toEqual([KMS01]);
});

test("deadlines list those that were activated, too, page by page", async () => {
  await fill();
  await fill(KMS02, 200, NOW - 2 * DAY);
  const found = await computers({ deadlineBefore: NOW + 181 * DAY });
  expect(found.length).toBe(50);
  const deadlines = found.map((item) => item.deadline!);
  expect(deadlines).toEqual(deadlines.toSorted());
});

/** Every series of the fleet, whatever process counts it. */
const figures = async () => [...(await it.series())].filter(([key]) => !key.startsWith("activation_collector_")).sort();

test("a fresh count of everything gives the same figures", async () => {
  await fill();
  await it.take(KMS01, [
    request({ at: NOW - HOUR, client: 7, status: 2 }),
    request({ at: NOW - 2 * HOUR, client: 7, product: OFFICE16, need: 5 }),
    request({ at: NOW - 20 * DAY, client: 8, product: OFFICE16, need: 5 }),
    request({ at: NOW - DAY, client: 8 }),
  ]);
  await it.take(KMS02, [request({ at: NOW - 3 * HOUR, client: 8, host: KMS02 }), hostReading(3)]);
  await it.take("pc9.contoso.com", [licensing()]);
  await it.take(KMS02, [request({ at: NOW - HOUR, client: 9, host: KMS02 })]);
  const before = await figures();
  await it.reopen("retire: { after: 91d }");
  expect(await figures()).toEqual(before);
  await it.reopen();
  expect(await figures()).toEqual(before);
});
