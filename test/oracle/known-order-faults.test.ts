import { describe, expect, test } from "@jest/globals";
import { type Collected, collectAtOnce, collectDayLater, collectOneByOne, firstDifference } from "./collect.ts";
import { DAY, type Fact, HOUR, type Instant, type LicenseRow, MINUTE, type Sender } from "./fact.ts";

/** Faults of order that were found by reading the code, each as small as it gets. The generated worlds find them too. */

const NOW = Date.parse("2026-11-20T12:00:00Z");
const KMS = "kms01.contoso.com";
const PC = "pc1.contoso.com";
const WINDOWS = "73111121-5638-40f6-bc11-f1d7b0d64300";
const OFFICE = "d450596f-894d-49e0-966a-fd39ed4c4c64";
const HOST_KEY = "d6992aac-29e7-452a-bf10-bbfb8ccabe59";
const OFFICE_HOST_KEY = "98ebfe73-2084-4c97-932c-c0cd1643bea7";
const POOL = `kms_host="${KMS}",zone="core"`;
const cmid = (client: number): string => `08c3bda0-c556-4b61-9e4e-${String(client).padStart(12, "0")}`;
const minuteOf = (at: Instant): Instant => Math.floor(at / MINUTE) * MINUTE;
const senders = new Map<string, Sender>();
const agent = (host: string): Sender => {
  const known = senders.get(host) ?? { host, zone: "core", os: "Windows", agentVersion: "1.0.0", instance: "only" };
  senders.set(host, known);
  return known;
};

let uid = 0;
const common = (at: Instant, host: string) => ({ uid: uid++, at, sender: agent(host), imported: false });
const product = (activationId: string) => ({ activationId, need: activationId === WINDOWS ? 25 : 5 });

/** 12290 */
const handled = (client: number, at: Instant, recordId: number, activationId = WINDOWS): Fact => ({
  ...common(at, KMS),
  ...product(activationId),
  kind: "request_handled",
  host: KMS,
  recordId,
  hresult: "0x00000000",
  name: `pc${client}.contoso.com`,
  cmid: cmid(client),
  clientTime: minuteOf(at),
  status: 2,
  minutes: 40_000,
});
/** 12288 */
const sent = (at: Instant, recordId: number, { activationId = WINDOWS, target = KMS } = {}): Fact => ({
  ...common(at, PC),
  ...product(activationId),
  kind: "request_sent",
  computer: PC,
  recordId,
  hresult: "0x00000000",
  target,
  cmid: cmid(1),
  clientTime: minuteOf(at),
  status: 2,
  minutes: 40_000,
});
/** 12289 */
const answered = (at: Instant, recordId: number, count: number, clientTime = minuteOf(at)): Fact => ({
  ...common(at, PC),
  kind: "response_processed",
  computer: PC,
  recordId,
  hresult: "0x00000000",
  flags: 0,
  activated: true,
  count,
  renewalMinutes: 10_080,
  clientTime,
});
const kmsHeartbeat = (at: Instant): Fact => ({
  ...common(at, KMS),
  kind: "heartbeat",
  computer: KMS,
  application: { readUntil: at, oldest: NOW - 60 * DAY, gaps: 0 },
  kms: { readUntil: at, oldest: NOW - 60 * DAY, gaps: 0 },
  droppedEvents: 0,
});
const clientHeartbeat = (at: Instant): Fact => ({
  ...common(at, PC),
  kind: "heartbeat",
  computer: PC,
  application: { readUntil: at, oldest: NOW - 60 * DAY, gaps: 0 },
  droppedEvents: 0,
});
const reading = (at: Instant, rows: readonly LicenseRow[]): Fact => ({
  ...common(at, PC),
  kind: "reading",
  computer: PC,
  isKmsHost: false,
  rows,
  rearmsLeft: 3,
  intervalSeconds: 14_400,
});

const take = (facts: readonly Fact[]): Promise<Collected> => collectOneByOne(facts, NOW, [kmsHeartbeat(NOW + HOUR)]);
const series = ({ series: all }: Collected, name: string): number | undefined => all.get(name);
const reached = (productClass: string): string =>
  `activation_kms_threshold_reached{${POOL},product_class="${productClass}"}`;
const below = `activation_kms_below_threshold_timestamp_seconds{${POOL},product_class="client"}`;

describe("a request that arrives late does not meet clients of its future", () => {
  // Fewer than 25 clients were ever in the table at once: the early ones had left when the later ones came.
  const early = Array.from({ length: 4 }, (_, i) => handled(i + 1, NOW - 50 * DAY + i * MINUTE, i + 1));
  const later = Array.from({ length: 24 }, (_, i) => handled(i + 10, NOW - 10 * DAY + i * MINUTE, i + 10));

  test("24 clients, then one late request from before them: 25 are not reached", async () => {
    const late = handled(5, NOW - 50 * DAY + HOUR, 5);
    const taken = await take([...early, ...later, late]);
    expect(series(taken, reached("client"))).toBe(0);
    expect(series(taken, `activation_kms_table_clients{${POOL},application="windows"}`)).toBe(24);
    expect(series(taken, below)).toBeUndefined();
  });

  test("20 clients that asked in one week, 20 others two months later: 25 are never reached, whichever come first", async () => {
    const first = Array.from({ length: 20 }, (_, i) => handled(i + 1, NOW - 60 * DAY + i * HOUR, i + 1));
    const second = Array.from({ length: 20 }, (_, i) => handled(i + 101, NOW - 5 * DAY + i * HOUR, i + 101));
    const forwards = await take([...first, ...second]);
    const backwards = await take([...second, ...first]);
    expect(series(forwards, reached("client"))).toBe(0);
    expect(series(backwards, reached("client"))).toBe(0);
    expect(firstDifference(forwards, backwards)).toBeUndefined();
  });

  test("a late request from before the others keeps those waiting that it did not help", async () => {
    const waits = handled(9, NOW - 25 * DAY, 9);
    const others = Array.from({ length: 30 }, (_, i) => handled(i + 100, NOW - 20 * DAY + i * MINUTE, i + 100));
    const forwards = await take([waits, ...others]);
    const backwards = await take([...others, waits]);
    const waiting = `activation_kms_waiting_clients{${POOL},product_class="client"}`;
    // The count was too low for the late one and for the 23 after it; the next one was the 25th client.
    expect(series(forwards, waiting)).toBe(24);
    expect(series(backwards, waiting)).toBe(24);
    expect(firstDifference(forwards, backwards)).toBeUndefined();
  });
});

describe("newest first", () => {
  // The threshold was reached 40 days ago. Most clients have left since: the count fell, and somebody is paged.
  const facts = [
    ...Array.from({ length: 26 }, (_, i) => handled(i + 1, NOW - 40 * DAY + i * MINUTE, i + 1)),
    ...Array.from({ length: 3 }, (_, i) => handled(i + 1, NOW - 5 * DAY + i * MINUTE, i + 30)),
    kmsHeartbeat(NOW - HOUR),
  ];

  test("the threshold stays reached, and the page stays", async () => {
    const forwards = await take(facts);
    const backwards = await take(facts.toReversed());
    for (const it of [forwards, backwards]) {
      expect(series(it, reached("client"))).toBe(1);
      expect(series(it, `activation_kms_headroom{${POOL},product_class="client"}`)).toBe(3 - 25);
      expect(series(it, `activation_kms_ledger_complete{${POOL},application="windows"}`)).toBe(1);
      // The 25th freshest client asked 40 days ago, as the second of the 26.
      expect(series(it, below)).toBe((NOW - 40 * DAY + 4 * MINUTE + 30 * DAY) / 1_000);
    }
    expect(firstDifference(forwards, backwards)).toBeUndefined();
  });
});

describe("an alias is learned whichever side of the exchange arrives first", () => {
  const at = NOW - 2 * DAY;
  const handledHere = handled(1, at + 1_000, 1);
  const sentThere = sent(at, 7, { target: "kms.contoso.com" });
  const answer = answered(at + 2_000, 8, 31);
  const later = handled(1, at + DAY, 2);

  test.each([
    ["12290 first", [handledHere, sentThere, answer, later]],
    ["12288 first", [sentThere, handledHere, answer, later]],
    ["12288 and 12289 first", [sentThere, answer, handledHere, later]],
    ["after a newer request of the client", [handledHere, later, sentThere, answer]],
    ["newest first", [later, answer, handledHere, sentThere]],
  ])("%s", async (_, facts) => {
    const taken = await take(facts);
    expect(taken.kmsHost[KMS].aliases).toEqual(["kms.contoso.com"]);
    expect(series(taken, `activation_kms_told_clients{${POOL},application="windows"}`)).toBe(31);
    expect(series(taken, reached("client"))).toBe(1);
  });

  test("a request that the host refused proves it, too", async () => {
    const refused = { ...handled(1, at + 1_000, 1), hresult: "0xC004F041" } as Fact;
    for (const order of permutations([refused, sentThere, answer, later])) {
      const taken = await take(order);
      expect(taken.kmsHost[KMS].aliases).toEqual(["kms.contoso.com"]);
      expect(series(taken, `activation_kms_told_clients{${POOL},application="windows"}`)).toBe(31);
    }
  });

  test("a request for a product that the client has asked for before proves it, too", async () => {
    const server = "8c1c5410-9f39-4805-8c9d-63a07706358f";
    const facts = [handledHere, sentThere, answer, handled(1, at + DAY, 2, server)];
    for (const order of permutations(facts))
      expect((await take(order)).kmsHost[KMS].aliases).toEqual(["kms.contoso.com"]);
  });

  test("a name that was joined with two KMS hosts means the host of the newest join", async () => {
    const second = "kms02.contoso.com";
    const elsewhere = { ...handled(1, at + DAY, 1), host: second, sender: agent(second) } as Fact;
    const facts = [handledHere, sentThere, elsewhere, sent(at + DAY - 1_000, 9, { target: "kms.contoso.com" })];
    // The second exchange is of the minute before its 12290: both sides must tell the same client time.
    const joined = facts.map((it) =>
      "clientTime" in it && it.at > at + HOUR ? ({ ...it, clientTime: minuteOf(at + DAY) } as Fact) : it,
    );
    for (const order of [joined, joined.toReversed()]) {
      const taken = await take(order);
      expect(taken.kmsHost[second].aliases).toEqual(["kms.contoso.com"]);
      expect(taken.kmsHost[KMS].aliases).toEqual([]);
    }
  });
});

describe("12289 belongs to its own 12288 where Windows and Office ask in one minute", () => {
  const at = minuteOf(NOW - 2 * DAY);
  const office = { activationId: OFFICE };
  const host = [handled(1, at + 1_000, 1), handled(1, at + 1_500, 2, OFFICE)];
  const told = (it: Collected) =>
    ["windows", "office"].map((pool) => series(it, `activation_kms_told_clients{${POOL},application="${pool}"}`));
  const outcomes = (it: Collected) =>
    ["activated", "refused", "no_answer"].map((outcome) =>
      series(it, `activation_attempts_total{zone="core",outcome="${outcome}"}`),
    );

  const oneAfterTheOther = [
    sent(at, 10),
    answered(at + 2_000, 11, 40, at),
    sent(at + 3_000, 12, office),
    answered(at + 4_000, 13, 7, at),
  ];
  const nested = [
    sent(at, 10),
    sent(at + 1_000, 11, office),
    answered(at + 2_000, 12, 7, at),
    answered(at + 3_000, 13, 40, at),
  ];
  const onlyOffice = [sent(at, 10), sent(at + 1_000, 11, office), answered(at + 2_000, 12, 7, at)];

  test.each([
    ["one after the other", oneAfterTheOther, [40, 7], [2, 0, 0]],
    ["both requests first", nested, [40, 7], [2, 0, 0]],
    ["Windows gets no answer", onlyOffice, [undefined, 7], [1, 0, 1]],
  ])("%s: every order of arrival", async (_, own, counts, attempts) => {
    for (const order of permutations(own)) {
      const taken = await collectOneByOne([...host, ...order], NOW, [
        kmsHeartbeat(NOW + HOUR),
        clientHeartbeat(NOW + HOUR),
      ]);
      const arrived = order.map((it) => ("recordId" in it ? it.recordId : 0)).join(" ");
      expect([arrived, told(taken), outcomes(taken)]).toEqual([arrived, counts, attempts]);
    }
  });
});

describe("an event that comes both by an import and live", () => {
  test("counts once, as a live one, whichever comes first", async () => {
    const at = NOW - 2 * DAY;
    const live = [handled(1, at + 1_000, 1), sent(at, 10), answered(at + 2_000, 11, 1)];
    const imported = live.map((it): Fact => ({ ...it, imported: true }));
    for (const order of [live, [...live, ...imported], [...imported, ...live]]) {
      const taken = await take(order);
      expect(series(taken, `activation_kms_requests_total{${POOL},status="oob_grace"}`)).toBe(1);
      expect(series(taken, 'activation_attempts_total{zone="core",outcome="activated"}')).toBe(1);
    }
    const together = await collectAtOnce([...imported, ...live], NOW);
    expect(series(together, `activation_kms_requests_total{${POOL},status="oob_grace"}`)).toBe(1);
    expect(series(together, 'activation_attempts_total{zone="core",outcome="activated"}')).toBe(1);
    const never = await take(imported);
    expect(series(never, `activation_kms_requests_total{${POOL},status="oob_grace"}`)).toBe(0);
    expect(series(never, `activation_kms_table_clients{${POOL},application="windows"}`)).toBe(1);
  });
});

describe("what the log is known of, by heartbeats", () => {
  const beat = (at: Instant, gaps: number, oldest = NOW - 60 * DAY): Fact => {
    const it = kmsHeartbeat(at) as Extract<Fact, { kind: "heartbeat" }>;
    return { ...it, kms: { readUntil: at, oldest, gaps } };
  };
  const complete = `activation_kms_ledger_complete{${POOL},application="windows"}`;
  const takeWith = (facts: readonly Fact[], last: Fact) => collectOneByOne(facts, NOW, [last]);

  test("a gap ten days ago makes the log incomplete, also after more heartbeats and in every order", async () => {
    const facts = [
      handled(1, NOW - 20 * DAY, 100),
      beat(NOW - 19 * DAY, 0),
      beat(NOW - 10 * DAY, 1),
      handled(2, NOW - 9 * DAY, 200),
    ];
    for (const order of permutations(facts))
      expect(series(await takeWith(order, beat(NOW + HOUR, 1)), complete)).toBe(0);
  });

  test("the first heartbeat tells how far back the log was read, also where it comes before any request", async () => {
    const facts = [beat(NOW - 20 * DAY, 0), handled(1, NOW - 20 * DAY - HOUR, 100), handled(2, NOW - 9 * DAY, 101)];
    // Its older records were overwritten since, after they had been read.
    const last = beat(NOW + HOUR, 0, NOW - 25 * DAY);
    for (const order of permutations(facts)) expect(series(await takeWith(order, last), complete)).toBe(1);
  });
});

describe("WMI lists licenses in any order", () => {
  const row = (more: Partial<LicenseRow>): LicenseRow => ({
    activationId: WINDOWS,
    name: "Windows, Enterprise",
    application: "windows",
    channel: "kms_client",
    partialProductKey: "2YT43",
    status: 2,
    minutes: 1_000,
    addon: false,
    ...more,
  });
  const retail = row({
    activationId: "4f3d1606-3fea-4c01-be3c-8d671c401e3b",
    channel: "retail",
    status: 0,
    minutes: 0,
  });
  const drift = 'activation_license_changes_total{zone="core",change="channel_drift"}';

  test.each([
    ["neither is licensed", row({})],
    ["one is licensed", row({ status: 1, minutes: 200_000 })],
    ["both are unlicensed", row({ status: 0, minutes: 0 })],
  ])("%s: another order of rows is no channel drift", async (_, first) => {
    const taken = await take([
      reading(NOW - 3 * DAY, [first, retail]),
      reading(NOW - 2 * DAY, [retail, first]),
      reading(NOW - DAY, [first, retail]),
    ]);
    expect(series(taken, drift)).toBe(0);
  });

  // Back from MAK to KMS is a planned migration.
  test("another channel is a drift, in whichever order the readings arrive", async () => {
    const readings = [
      reading(NOW - 3 * DAY, [row({ status: 1, minutes: 200_000 })]),
      reading(NOW - 2 * DAY, [row({ status: 1, minutes: 0, channel: "mak", activationId: retail.activationId })]),
      reading(NOW - DAY, [row({ status: 1, minutes: 200_000 })]),
    ];
    for (const order of permutations(readings)) expect(series(await take(order), drift)).toBe(1);
  });
});

describe("an answer that seemed to be another request's", () => {
  const at = minuteOf(NOW - 2 * DAY);
  const office = { activationId: OFFICE };
  const hostRow = (reportedClients: number | undefined, activationId = HOST_KEY): LicenseRow => ({
    activationId,
    name: "KMS host",
    application: activationId === HOST_KEY ? "windows" : "office",
    channel: "kms_host",
    partialProductKey: activationId === HOST_KEY ? "ABCDE" : "FGHIJ",
    status: 1,
    minutes: 0,
    addon: false,
    ...(reportedClients !== undefined && { reportedClients }),
  });

  test("a license is in the state of the reading again, whenever the reading arrives", async () => {
    const row = (activationId: string, status: number, minutes: number): LicenseRow => ({
      activationId,
      name: "Windows or Office",
      application: activationId === WINDOWS ? "windows" : "office",
      channel: "kms_client",
      partialProductKey: "2YT43",
      status,
      minutes,
      addon: false,
    });
    // Windows gets no answer; that of Office seems to be its answer as long as the request of Office is missing.
    const facts = [
      reading(at - DAY, [row(WINDOWS, 5, 0), row(OFFICE, 1, 200_000)]),
      sent(at, 10),
      sent(at + 1_000, 11, office),
      answered(at + 2_000, 12, 10, at),
    ];
    for (const order of permutations(facts)) {
      const taken = await take(order);
      const { licenses } = taken.computers.find((it) => it.computer === PC);
      expect(licenses.map((it: { status: string }) => it.status)).toEqual(["notification", "licensed"]);
    }
  });

  test("a count told for Office is none of Windows, whichever made the host known", async () => {
    const facts = [
      handled(1, at + 500, 1),
      sent(at, 10),
      sent(at + 1_000, 12, office),
      answered(at + 2_000, 14, 5, at),
      answered(at + 3_000, 15, 40, at),
    ];
    for (const order of permutations(facts).filter((_, i) => i % 7 === 0)) {
      const taken = await take(order);
      const told = ["windows", "office"].map((it) =>
        series(taken, `activation_kms_told_clients{${POOL},application="${it}"}`),
      );
      const arrived = order.map((it) => ("recordId" in it ? it.recordId : 0)).join(" ");
      expect([arrived, told, series(taken, reached("client"))]).toEqual([arrived, [40, 5], 1]);
    }
  });

  test("the largest count stays known after wrong answers were taken back", async () => {
    const largest = [handled(1, NOW - 9 * DAY, 1), sent(NOW - 9 * DAY, 1), answered(NOW - 9 * DAY + 1_000, 2, 30)];
    // Each seems to be told to Windows until the request of Office arrives.
    const days = Array.from({ length: 5 }, (_, i) => at - i * DAY);
    const windows = days.flatMap((day, i) => [sent(day, 50 - 10 * i), answered(day + 2_000, 54 - 10 * i, 40, day)]);
    const requests = days.map((day, i) => sent(day + 1_000, 52 - 10 * i, office));
    const forwards = await take([...largest, ...windows, ...requests]);
    const backwards = await take([...requests, ...windows, ...largest]);
    expect(series(forwards, `activation_kms_told_clients{${POOL},application="windows"}`)).toBe(30);
    expect(series(forwards, reached("client"))).toBe(1);
    expect(firstDifference(forwards, backwards)).toBeUndefined();
  });

  test("a key that the newest reading misses is lost, also where that reading arrives first", async () => {
    const hostReading = (day: number, rows: readonly LicenseRow[]): Fact => ({
      ...(reading(NOW - day * DAY, rows) as Extract<Fact, { kind: "reading" }>),
      sender: agent(KMS),
      computer: KMS,
      isKmsHost: true,
    });
    const facts = [hostReading(3, [hostRow(30), hostRow(7, OFFICE_HOST_KEY)]), hostReading(2, [hostRow(31)])];
    for (const order of permutations(facts)) {
      const taken = await take(order);
      expect(series(taken, `activation_kms_host_key_lost{${POOL},application="office"}`)).toBe(1);
      expect(series(taken, `activation_kms_host_key_lost{${POOL},application="windows"}`)).toBe(0);
    }
  });
});

test("reactivations of a KMS host key are those of its readings in the order of time", async () => {
  const key = { name: "KMS host", application: "windows", channel: "kms_host", minutes: 0, addon: false } as const;
  const hostReading = (day: number, status: number): Fact => ({
    ...(reading(NOW - day * DAY, [
      { ...key, activationId: HOST_KEY, partialProductKey: "ABCDE", status, reportedClients: 30 },
    ]) as Extract<Fact, { kind: "reading" }>),
    sender: agent(KMS),
    computer: KMS,
    isKmsHost: true,
  });
  const facts = [hostReading(5, 1), hostReading(4, 5), hostReading(3, 1), hostReading(2, 1)];
  for (const order of permutations(facts))
    expect(
      series(await take(order), `activation_kms_key_reactivations{partial_product_key="ABCDE",kms_host="${KMS}"}`),
    ).toBe(1);
});

describe("a request or an answer that arrives a day after the rest of its exchange", () => {
  const at = minuteOf(NOW - 2 * DAY);
  const facts = [
    handled(1, at + 500, 1),
    clientHeartbeat(NOW - DAY - HOUR),
    sent(at, 10),
    sent(at + 1_000, 12, { activationId: OFFICE }),
    answered(at + 2_000, 14, 7, at),
    answered(at + 3_000, 15, 40, at),
  ];
  const told = (it: Collected) =>
    ["windows", "office"].map((pool) => series(it, `activation_kms_told_clients{${POOL},application="${pool}"}`));
  const licenses = (it: Collected) => it.computers.find((one) => one.computer === PC).licenses;

  test.each([2, 3, 4, 5])("record %i: counts and licenses are those of the order of time", async (late) => {
    const expected = await collectDayLater(facts, [], NOW);
    const taken = await collectDayLater(facts.toSpliced(late, 1), [facts[late]!], NOW);
    expect(told(taken)).toEqual([40, 7]);
    expect(licenses(taken)).toEqual(licenses(expected));
  });

  test("requests without an answer that an import brought first count once they arrive live", async () => {
    const request = sent(at, 10);
    const imported = { ...request, imported: true } as Fact;
    const taken = await collectDayLater([clientHeartbeat(NOW - DAY - HOUR), imported], [request], NOW);
    expect(series(taken, 'activation_attempts_total{zone="core",outcome="no_answer"}')).toBe(1);
  });
});

describe("what one KMS host says of single clients", () => {
  const other = "8c1c5410-9f39-4805-8c9d-63a07706358f";
  const refused = (client: number, at: Instant, recordId: number): Fact =>
    ({ ...handled(client, at, recordId), hresult: "0xC004F042" }) as Fact;

  test("a client was served for the product of its refusal, whatever it asked for since", async () => {
    const facts = [handled(1, NOW - 20 * DAY, 1), refused(1, NOW - 15 * DAY, 2), handled(1, NOW - 10 * DAY, 3, other)];
    for (const order of permutations(facts)) expect((await take(order)).kmsHost[KMS].refused).toEqual([]);
  });

  test("names of a shared machine ID are looked for where they were not kept", async () => {
    const named = (day: number, name: string): Fact =>
      ({ ...handled(1, NOW - day * DAY, 100 - day), name: `${name}.contoso.com` }) as Fact;
    const late = named(28, "pc2");
    const facts = [named(33, "pc1"), named(29, "pc1"), named(14, "pc1"), named(6, "pc1"), named(2, "pc1"), late];
    const expected = await take(facts.toSorted((a, b) => a.at - b.at));
    expect(series(expected, `activation_kms_duplicate_machine_ids{kms_host="${KMS}",zone="core"}`)).toBe(1);
    expect(firstDifference(expected, await take(facts))).toBeUndefined();
  });

  test("a computer that reads a machine ID twice used it in between", async () => {
    const own = (day: number): Fact => ({ ...reading(NOW - day * DAY, []), cmid: cmid(1) }) as Fact;
    const other = { ...handled(1, NOW - 20 * DAY, 1), name: "pc2.contoso.com" } as Fact;
    const facts = [sent(NOW - 40 * DAY, 1), own(40), own(21), own(9), own(6), own(3), own(1), other];
    const expected = await take(facts.toSorted((a, b) => a.at - b.at));
    expect(series(expected, `activation_kms_duplicate_machine_ids{kms_host="${KMS}",zone="core"}`)).toBe(1);
    for (const order of [facts, facts.toReversed()])
      expect(firstDifference(expected, await take(order))).toBeUndefined();
  });

  test("a product has one name, whichever computer's WMI names it first, and before or after events of it", async () => {
    const id = "0badc0de-0005-4000-8000-000000000005";
    const row = (name: string): LicenseRow => ({
      activationId: id,
      name,
      application: "office",
      channel: "kms_client",
      partialProductKey: "2YT43",
      status: 1,
      minutes: 0,
      addon: false,
    });
    const elsewhere = (day: number, host: string, name: string): Fact =>
      ({ ...reading(NOW - day * DAY, [row(name)]), computer: host, sender: agent(host) }) as Fact;
    const facts = [
      elsewhere(5, "pc8.contoso.com", "Office B"),
      elsewhere(4, "pc9.contoso.com", "Office A"),
      sent(NOW - 3 * DAY, 1, { activationId: id }),
    ];
    const first = await take(facts);
    for (const order of permutations(facts)) expect(firstDifference(first, await take(order))).toBeUndefined();
  });

  test("clients with a wrong clock are listed in one order", async () => {
    const wrong = [1, 2, 3].map((client): Fact => {
      const it = handled(client, NOW - 10 * DAY + client * MINUTE, client) as Extract<
        Fact,
        { kind: "request_handled" }
      >;
      return { ...it, clientTime: it.clientTime + 3 * HOUR * client };
    });
    const facts = [handled(4, NOW - 11 * DAY, 0), ...wrong];
    const first = await take(facts);
    expect(first.kmsHost[KMS].clock_skewed).toHaveLength(3);
    for (const order of permutations(facts)) expect(firstDifference(first, await take(order))).toBeUndefined();
  });

  test("the newest exchange moves an alias, whatever arrived in between", async () => {
    const second = "kms02.contoso.com";
    const target = "kms.contoso.com";
    // Nine requests under the name reach the first host, then one the second.
    const early = Array.from({ length: 9 }, (_, i) => NOW - 9 * DAY + i * HOUR);
    const last = NOW - DAY;
    const elsewhere = { ...handled(1, last, 1), host: second, sender: agent(second) } as Fact;
    const facts = [
      ...early.map((at, i) => handled(1, at, i + 1)),
      elsewhere,
      sent(last, 90, { target }),
      ...early.map((at, i) => sent(at, i + 1, { target })),
    ];
    for (const order of [facts, facts.toReversed()]) {
      const taken = await take(order);
      expect([taken.kmsHost[KMS].aliases, taken.kmsHost[second].aliases]).toEqual([[], [target]]);
    }
  });
});

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((it, i) => permutations(items.toSpliced(i, 1)).map((rest) => [it, ...rest]));
