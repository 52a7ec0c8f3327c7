import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type Changed,
  type ComputerRow,
  type EventRow,
  type KmsClientRow,
  type Reader,
  type Store,
  StoreConflict,
  StoreUnavailable,
} from "../../../collector/store/store.ts";

const at = Date.UTC(2026, 10, 20);
const KMS = "kms01.contoso.com";
const event = (n: number, over: Partial<EventRow> = {}): EventRow => {
  const id = Buffer.alloc(16);
  id.writeUIntBE(at + n, 0, 6);
  id[15] = n;
  return { id, computer: KMS, eventId: 12290, at: at + n, fact: `{"n":${n}}`, ...over };
};
const computer = (key: string, over: Partial<ComputerRow> = {}): ComputerRow => ({
  key,
  zone: "core",
  seenAt: at,
  presence: 0,
  deadline: null,
  deadlineStatus: null,
  deadlineProduct: null,
  overdueAt: null,
  state: "{}",
  ...over,
});
const client = (key: string, over: Partial<KmsClientRow> = {}): KmsClientRow => ({
  kmsHost: KMS,
  pool: "windows",
  key,
  lastAt: at,
  computer: `${key}.contoso.com`,
  state: "{}",
  ...over,
});
/** What has changed, in an order of its own. */
const plain = (changed: Changed) => ({
  revision: changed.revision,
  complete: changed.complete,
  kmsHosts: changed.kmsHosts.map((it) => [it.key, it.state]).sort(),
  collectorState: changed.collectorState.map((it) => [it.key, it.state]).sort(),
  sums: [...changed.sums].map(([key, sum]) => [key, sum]).sort(),
});
const keysOf = (rows: readonly { readonly key: string }[]): string[] => rows.map((it) => it.key);

/** What every store promises; run it once for each. `open` opens the same database each time within one test. */
export const storeContract = (open: () => Promise<Store>): void => {
  let store: Store;
  let other: Store;
  beforeEach(async () => {
    store = await open();
    other = await open();
  });
  afterEach(async () => {
    await store.close();
    await other.close();
  });
  const reopen = async () => {
    await store.close();
    store = await open();
  };
  const changed = (of: Store, since: number) => of.snapshot(async (view) => plain(await view.changedSince(since)));
  const read = <T>(work: (view: Reader) => T | Promise<T>): Promise<T> => other.snapshot(work);
  const revision = () => read((view) => view.revision());

  describe("events", () => {
    test("an event is new once: in the same transaction, later, through the other handle, after a restart", async () => {
      expect(await store.transact((tx) => tx.insertEvents([event(1), event(2), event(1)]))).toEqual([
        true,
        true,
        false,
      ]);
      expect(await store.transact((tx) => tx.insertEvents([event(2), event(3)]))).toEqual([false, true]);
      expect(await other.transact((tx) => tx.insertEvents([event(3), event(4)]))).toEqual([false, true]);
      await reopen();
      expect(await store.transact((tx) => tx.insertEvents([event(4)]))).toEqual([false]);
    });

    test("an event comes back as it was put", async () => {
      await store.transact((tx) => tx.insertEvents([event(1)]));
      const [row] = await read((view) => view.events({ limit: 9 }));
      expect({ ...row, id: [...row!.id] }).toEqual({ ...event(1), id: [...event(1).id] });
    });

    test.each([
      ["all, in the order of their identities", {}, [1, 2, 3, 4, 5]],
      ["of one computer", { computer: "pc1" }, [2, 5]],
      ["with these numbers", { eventIds: { only: [12288, 900] } }, [2, 4]],
      ["with one number", { eventIds: { only: [900] } }, [4]],
      ["without these numbers", { eventIds: { without: [12288, 900] } }, [1, 3, 5]],
      ["from an identity on, itself included", { from: event(3).id }, [3, 4, 5]],
      ["before an identity, itself excluded", { before: event(3).id }, [1, 2]],
      ["after the last one of the page before", { after: event(3).id }, [4, 5]],
      [
        "all conditions at once",
        { computer: KMS, eventIds: { only: [12290] }, from: event(1).id, after: event(1).id, before: event(4).id },
        [3],
      ],
    ])("are read %s", async (_, query, expected) => {
      await store.transact((tx) =>
        tx.insertEvents([
          event(3),
          event(1),
          event(2, { computer: "pc1", eventId: 12288 }),
          event(5, { computer: "pc1" }),
          event(4, { eventId: 900 }),
        ]),
      );
      const numbers = (rows: readonly EventRow[]) => rows.map((it) => it.at - at);
      expect(numbers(await read((view) => view.events({ ...query, limit: 9 })))).toEqual(expected);
      expect(numbers(await read((view) => view.events({ ...query, limit: 1 })))).toEqual(expected.slice(0, 1));
      expect(numbers(await store.transact((tx) => tx.events({ ...query, limit: 9 })))).toEqual(expected);
    });

    test("of one computer and number are read in the order of their time, in pages, wherever their identities lie", async () => {
      // The clock was ahead: the identity tells a later time than the event is counted with.
      const ahead = event(2, { id: event(500).id });
      const untimed = event(5, { id: Buffer.alloc(16, 1).fill(0, 0, 6) });
      await store.transact((tx) =>
        tx.insertEvents([
          event(4),
          untimed,
          ahead,
          event(1),
          event(3, { at: at + 4 }),
          event(6, { computer: "pc1" }),
          event(7, { eventId: 12288 }),
        ]),
      );
      const numbers: number[] = [];
      let after = { at: 0, id: new Uint8Array() as Uint8Array };
      for (let more = true; more; ) {
        const page = await read((view) => view.eventsInOrder(KMS, 12290, { after, limit: 2 }));
        numbers.push(...page.map((it) => JSON.parse(it.fact).n));
        after = page.at(-1) ?? after;
        more = page.length > 0;
      }
      expect(numbers).toEqual([1, 2, 3, 4, 5]);
      const rest = await read((view) =>
        view.eventsInOrder(KMS, 12290, { after: { at: at + 4, id: new Uint8Array() }, limit: 9 }),
      );
      expect(rest.map((it) => JSON.parse(it.fact).n)).toEqual([3, 4, 5]);
    });

    test("of several ranges of time are read at once, the earliest of each", async () => {
      await store.transact((tx) =>
        tx.insertEvents([
          ...[5, 4, 3, 2, 1].map((n) => event(n)),
          event(6, { at: at + 3, computer: "pc1" }),
          event(7, { at: at + 3, eventId: 12288 }),
        ]),
      );
      const range = (from: number, until: number) => ({
        computer: KMS,
        eventId: 12290,
        from: at + from,
        until: at + until,
      });
      const found = await read((view) =>
        view.eventsWithin([range(4, 9), range(1, 4), range(7, 9), { ...range(0, 9), computer: "pc1" }], 2),
      );
      expect(found.map((rows) => rows.map((it) => JSON.parse(it.fact).n))).toEqual([[4, 5], [1, 2], [], [6]]);
    });

    test("the numbers of one computer's events are told once each, ascending", async () => {
      const numbers = [12290, 12288, 12290, 8198, 12293];
      const rows = numbers.map((eventId, i) => event(i, { eventId, computer: i === 4 ? "pc2" : "pc1" }));
      await store.transact((tx) => tx.insertEvents(rows));
      expect(await read((view) => view.eventNumbers("pc1", 9))).toEqual([8198, 12288, 12290]);
      expect(await read((view) => view.eventNumbers("pc1", 2))).toEqual([8198, 12288]);
      expect(await read((view) => view.eventNumbers("pc3", 2))).toEqual([]);
    });

    test("the oldest are deleted first, in pieces", async () => {
      await store.transact((tx) => tx.insertEvents([event(4), event(3), event(2), event(1)]));
      expect(await store.transact((tx) => tx.deleteEvents(event(4).id, 2))).toBe(2);
      expect((await read((view) => view.events({ limit: 9 }))).map((it) => it.at - at)).toEqual([3, 4]);
      expect(await store.transact((tx) => tx.deleteEvents(event(4).id, 2))).toBe(1);
      expect(await store.transact((tx) => tx.deleteEvents(event(4).id, 2))).toBe(0);
    });
  });

  describe("computers", () => {
    test("are found by key, and the latest row stands, also within one call", async () => {
      const full = computer("pc1", {
        zone: "lab",
        seenAt: at + 1,
        deadline: at + 2,
        deadlineStatus: "licensed",
        deadlineProduct: "Windows 11",
        overdueAt: at + 3,
        state: '{"v":2}',
      });
      await store.transact(async (tx) => {
        await tx.putComputers([computer("pc1"), computer("pc2", { zone: "x" }), computer("pc2")]);
        await tx.putComputers([full]);
        expect(await tx.computer("pc1")).toEqual(full);
      });
      await reopen();
      expect(await read((view) => view.computer("pc1"))).toEqual(full);
      expect(await read((view) => view.computer("pc3"))).toBeUndefined();
      const rows = await read((view) => view.computersByKey(["pc1", "pc2", "pc3"]));
      expect([...rows.keys()].sort()).toEqual(["pc1", "pc2"]);
      const { key, zone, seenAt, state } = computer("pc2");
      expect(rows.get("pc2")).toMatchObject({ key, zone, seenAt, state });
    });

    test("a report that changes only one column changes it", async () => {
      const columns: Partial<ComputerRow>[] = [
        { zone: "lab" },
        { seenAt: at + 9 },
        { deadline: at + 9 },
        { deadline: null },
        { deadlineStatus: "notification" },
        { deadlineProduct: "Office" },
        { overdueAt: at + 9 },
        { overdueAt: null },
        { state: '{"v":2}' },
      ];
      const before = computer("pc1", { deadline: at, deadlineStatus: "licensed", deadlineProduct: "x", overdueAt: at });
      for (const it of columns) {
        await store.transact((tx) => tx.putComputers([before]));
        await store.transact((tx) => tx.putComputers([{ ...before, ...it }]));
        expect(await read((view) => view.computer("pc1"))).toEqual({ ...before, ...it });
      }
    });

    test("are read in pages, in binary order of their keys", async () => {
      await store.transact((tx) => tx.putComputers(["b", "a-1", "a1", "B", "a.1", "ä"].map((it) => computer(it))));
      const all = keysOf(await read((view) => view.computers({ after: "", limit: 9 })));
      expect(all).toEqual(["B", "a-1", "a.1", "a1", "b", "ä"]);
      expect(keysOf(await read((view) => view.computers({ after: "a.1", limit: 2 })))).toEqual(["a1", "b"]);
    });

    test("a page ends before it exceeds so many bytes, but has one row at least", async () => {
      const state = (length: number) => JSON.stringify("x".repeat(length - 2));
      await store.transact((tx) =>
        tx.putComputers(Object.entries({ a: 90, b: 10, c: 2 }).map(([key, n]) => computer(key, { state: state(n) }))),
      );
      const page = (after: string, bytes: number) => read((view) => view.computers({ after, limit: 9, bytes }));
      expect(keysOf(await page("", 50))).toEqual(["a"]);
      expect(keysOf(await page("", 100))).toEqual(["a", "b"]);
      expect(keysOf(await page("a", 100))).toEqual(["b", "c"]);
      expect(await page("c", 100)).toEqual([]);
    });

    test("are found and counted by their instants: from included, until excluded", async () => {
      const due = (key: string, n: number, zone: string, status: string) =>
        computer(key, {
          zone,
          seenAt: at + n,
          deadline: at + n,
          deadlineStatus: status,
          deadlineProduct: "p",
          overdueAt: at + n,
        });
      await store.transact((tx) =>
        tx.putComputers([
          due("d", 4, "core", "licensed"),
          due("c", 3, "core", "licensed"),
          due("b", 2, "lab", "notification"),
          due("a", 1, "core", "notification"),
          computer("never", { seenAt: at - 1 }),
        ]),
      );
      const soonest = await read((view) => view.computersByDeadline({ from: at + 2, until: at + 4, limit: 9 }));
      expect(soonest.map((it) => ({ ...it }))).toEqual([
        { key: "b", zone: "lab", deadline: at + 2, status: "notification", product: "p" },
        { key: "c", zone: "core", deadline: at + 3, status: "licensed", product: "p" },
      ]);
      const first = await read((view) => view.computersByDeadline({ from: at, until: at + 9, limit: 1 }));
      expect(keysOf(first)).toEqual(["a"]);
      await store.transact((tx) => tx.putComputers([due("b2", 2, "lab", "notification")]));
      const page = { from: at + 2, until: at + 4, after: "b", limit: 9 };
      expect(keysOf(await read((view) => view.computersByDeadline(page)))).toEqual(["b2", "c"]);
      await store.transact((tx) => tx.putComputers([computer("b2", { seenAt: at - 1 })]));
      const count = (by: "deadline" | "overdue" | "seen") =>
        read(async (view) =>
          (await view.countComputers(by, at + 1, at + 4)).map((it) => [it.zone, it.status, it.count].join()).sort(),
        );
      expect(await count("deadline")).toEqual(["core,licensed,1", "core,notification,1", "lab,notification,1"]);
      expect(await count("overdue")).toEqual(["core,,2", "lab,,1"]);
      expect(await count("seen")).toEqual(["core,,2", "lab,,1"]);
    });

    test("those not seen since are deleted, the oldest first, in pieces, and handed back", async () => {
      const rows = [3, 1, 2].map((n) => computer(`pc${n}`, { seenAt: at + n, state: `{"n":${n}}` }));
      await store.transact((tx) => tx.putComputers(rows));
      expect(await store.transact((tx) => tx.deleteComputers(at + 3, 1))).toEqual([rows[1]]);
      expect(await store.transact((tx) => tx.deleteComputers(at + 3, 9))).toEqual([rows[2]]);
      expect(keysOf(await read((view) => view.computers({ after: "", limit: 9 })))).toEqual(["pc3"]);
    });
  });

  describe("KMS clients and readings", () => {
    test("clients are found by key, and the latest row stands, also within one call", async () => {
      await store.transact((tx) =>
        tx.putKmsClients([
          client("c1"),
          client("c1", { lastAt: at + 1, state: "1" }),
          client("c1", { pool: "office", state: "2" }),
          client("c1", { kmsHost: "kms02", state: "3" }),
        ]),
      );
      const found = await read((view) =>
        view.kmsClientsByKey([client("c1"), client("c2"), client("c1", { kmsHost: "kms02" })]),
      );
      expect(found.map((it) => it.state).sort()).toEqual(["1", "3"]);
    });

    test("clients of a pool are read newest first, all of them in the order of their keys, and counted", async () => {
      await store.transact((tx) =>
        tx.putKmsClients([
          client("b", { lastAt: at + 2 }),
          client("a", { lastAt: at + 1 }),
          client("c", { lastAt: at + 3 }),
          client("a", { pool: "office" }),
          client("a", { kmsHost: "kms00" }),
        ]),
      );
      const query = { kmsHost: KMS, pool: "windows" };
      expect(keysOf(await read((view) => view.kmsClients({ ...query, limit: 2 })))).toEqual(["c", "b"]);
      expect(keysOf(await read((view) => view.kmsClients({ ...query, before: at + 3, limit: 9 })))).toEqual(["b", "a"]);
      expect(await read((view) => view.countKmsClients({ ...query, from: at + 1, until: at + 3 }))).toBe(2);
      const pages: string[] = [];
      for (let after: KmsClientRow | undefined, more = true; more; ) {
        const page = await read((view) => view.allKmsClients({ ...(after && { after }), limit: 2 }));
        pages.push(...page.map((it) => `${it.key} ${it.kmsHost} ${it.pool}`));
        after = page.at(-1);
        more = page.length > 0;
      }
      expect(pages).toEqual([
        "a kms00 windows",
        `a ${KMS} office`,
        `a ${KMS} windows`,
        `b ${KMS} windows`,
        `c ${KMS} windows`,
      ]);
    });

    test("a page of all clients ends before it exceeds so many bytes, but has one row at least", async () => {
      await store.transact((tx) =>
        tx.putKmsClients(["a", "b", "c"].map((key) => client(key, { state: '"12345678"' }))),
      );
      const page = (bytes: number) => read((view) => view.allKmsClients({ limit: 9, bytes }));
      expect(keysOf(await page(1))).toEqual(["a"]);
      expect(keysOf(await page(29))).toEqual(["a", "b"]);
      expect(keysOf(await page(30))).toEqual(["a", "b", "c"]);
    });

    test("clients are removed by key, and only these", async () => {
      await store.transact((tx) =>
        tx.putKmsClients([
          client("a"),
          client("a", { pool: "office" }),
          client("a", { kmsHost: "kms02" }),
          client("b"),
        ]),
      );
      await store.transact((tx) => tx.removeKmsClients([client("a"), client("never")]));
      const left = await read((view) => view.allKmsClients({ limit: 9 }));
      expect(left.map((it) => `${it.key} ${it.kmsHost} ${it.pool}`)).toEqual(
        ["a kms02 windows", `a ${KMS} office`, `b ${KMS} windows`].sort(),
      );
    });

    test("clients that did not ask since are deleted in pieces, and handed back", async () => {
      const rows = ["windows", "office", "office2010", "unknown"].map((pool, n) =>
        client("c", { pool, lastAt: at + n }),
      );
      await store.transact(async (tx) => {
        await tx.putKmsHosts([{ key: KMS, state: "{}" }]);
        await tx.putKmsClients(rows);
      });
      const first = await store.transact((tx) => tx.deleteKmsClients(at + 3, 2));
      const second = await store.transact((tx) => tx.deleteKmsClients(at + 3, 2));
      expect([first.length, second.length]).toEqual([2, 1]);
      expect([...first, ...second].map((it) => it.pool).sort()).toEqual(["office", "office2010", "windows"]);
      expect((await read((view) => view.allKmsClients({ limit: 9 }))).map((it) => it.pool)).toEqual(["unknown"]);
    });

    test("the clients of an ID are found at every KMS host, so many at most", async () => {
      const rows = [client("a"), client("a", { pool: "office" }), client("a", { kmsHost: "kms02" }), client("b")];
      await store.transact((tx) => tx.putKmsClients([...rows, client("c")]));
      const found = (limit: number) =>
        read(async (view) =>
          (await view.kmsClientsOfIds(["a", "b", "never"], limit)).map((it) => `${it.key} ${it.kmsHost} ${it.pool}`),
        );
      expect(await found(9)).toEqual(
        ["a kms02 windows", `a ${KMS} office`, `a ${KMS} windows`, `b ${KMS} windows`].sort(),
      );
      expect(await found(1)).toHaveLength(2);
    });

    test("clients are found by the name under which they asked last", async () => {
      await store.transact((tx) =>
        tx.putKmsClients([
          client("a", { computer: "pc1", lastAt: at + 1 }),
          client("b", { computer: "pc1", lastAt: at + 3 }),
          client("a", { computer: "pc1", lastAt: at + 2, pool: "office" }),
          client("c", { computer: "pc2" }),
          client("d", { computer: "" }),
          client("e", { computer: "pc0" }),
        ]),
      );
      const found = (limit: number) =>
        read(async (view) =>
          (await view.kmsClientsOfComputers(["pc1", "pc2", "pc3", ""], limit)).map((it) => `${it.key} ${it.pool}`),
        );
      expect(await found(9)).toEqual(["b windows", "a office", "a windows", "c windows"]);
      expect(await found(1)).toEqual(["b windows", "c windows"]);
      const names = (after: string, limit: number) => read((view) => view.clientNames({ after, limit }));
      expect(await names("", 9)).toEqual(["pc0", "pc1", "pc2"]);
      expect(await names("pc0", 1)).toEqual(["pc1"]);
      expect(await names("pc2", 9)).toEqual([]);
      await store.transact((tx) => tx.putKmsClients([client("b", { computer: "pc9", lastAt: at + 4 })]));
      expect(await names("pc0", 9)).toEqual(["pc1", "pc2", "pc9"]);
    });

    test("clients of a pool are read in the order in which they asked last", async () => {
      await store.transact((tx) =>
        tx.putKmsClients([
          client("b", { lastAt: at + 1 }),
          client("a", { lastAt: at + 1 }),
          client("c", { lastAt: at + 3 }),
          client("d", { pool: "office" }),
        ]),
      );
      const query = { kmsHost: KMS, pool: "windows", from: at, until: at + 3, limit: 9 };
      expect(keysOf(await read((view) => view.kmsClientsByTime(query)))).toEqual(["a", "b"]);
      const after = { lastAt: at + 1, key: "a" };
      expect(keysOf(await read((view) => view.kmsClientsByTime({ ...query, until: at + 9, after })))).toEqual([
        "b",
        "c",
      ]);
    });

    test("a computer that was seen again keeps the rest of its row; one that is not there is not made", async () => {
      const [before] = [computer("a", { deadline: at + 86_400_000, deadlineStatus: "licensed" })];
      await store.transact((tx) => tx.putComputers([before!, computer("b")]));
      await store.transact((tx) =>
        tx.touchComputers([
          { key: "a", seenAt: at + 5, state: '{"again":1}' },
          { key: "never", seenAt: at, state: "{}" },
        ]),
      );
      expect(await read((view) => view.computer("a"))).toEqual({ ...before, seenAt: at + 5, state: '{"again":1}' });
      expect(await read((view) => view.computer("b"))).toEqual(computer("b"));
      expect(await read((view) => view.computer("never"))).toBeUndefined();
    });

    test("machine IDs are found by key, the shared ones newest first, and the oldest are deleted in pieces", async () => {
      const id = (key: string, n: number, shared: boolean) => ({ key, lastAt: at + n, shared, state: `"${key}"` });
      await store.transact((tx) => tx.putMachineIds([id("a", 1, true), id("b", 2, false), id("c", 3, true)]));
      await store.transact((tx) => tx.putMachineIds([id("a", 4, true)]));
      expect(await read((view) => view.machineIds(["a", "never"]))).toEqual([id("a", 4, true)]);
      expect(await read((view) => view.sharedMachineIds(9))).toEqual(["a", "c"]);
      expect(await read((view) => view.sharedMachineIds(1))).toEqual(["a"]);
      expect(await store.transact((tx) => tx.deleteMachineIds(at + 4, 1))).toBe(1);
      expect(await store.transact((tx) => tx.deleteMachineIds(at + 4, 9))).toBe(1);
      expect(keysOf(await read((view) => view.machineIds(["a", "b", "c"])))).toEqual(["a"]);
    });

    test("all machine IDs and all readings are read in pages, in the order of their keys", async () => {
      const id = (key: string, n: number) => ({ key, lastAt: at + n, shared: n === 2, state: `"${n}"` });
      const reading = (kmsHost: string, n: number) => ({ kmsHost, at: at + n, counts: { windows: n } });
      await store.transact(async (tx) => {
        await tx.putMachineIds([id("c", 1), id("a", 2), id("b", 3)]);
        await tx.putKmsReadings([reading("kms2", 1), reading("kms1", 3), reading("kms1", 2)]);
      });
      expect(await read((view) => view.allMachineIds({ after: "", limit: 2 }))).toEqual([id("a", 2), id("b", 3)]);
      expect(await read((view) => view.allMachineIds({ after: "b", limit: 2 }))).toEqual([id("c", 1)]);
      const readings = (kmsHost: string, n: number) =>
        read((view) => view.allKmsReadings({ after: { kmsHost, at: n }, limit: 2 }));
      expect(await readings("", 0)).toEqual([reading("kms1", 2), reading("kms1", 3)]);
      expect(await readings("kms1", at + 3)).toEqual([reading("kms2", 1)]);
    });

    test("readings are read within (after, until] in the order of time, and the oldest are deleted", async () => {
      const reading = (n: number, kmsHost = KMS) => ({ kmsHost, at: at + n, counts: { windows: n } });
      await store.transact(async (tx) => {
        await tx.putKmsReadings([reading(3), reading(1), reading(2), reading(2, "kms02")]);
        await tx.putKmsReadings([{ ...reading(3), counts: { windows: 30, office: 1 } }]);
      });
      expect(await read((view) => view.kmsReadings(KMS, { after: at + 1, until: at + 3, limit: 9 }))).toEqual([
        reading(2),
        { kmsHost: KMS, at: at + 3, counts: { windows: 30, office: 1 } },
      ]);
      expect(await read((view) => view.kmsReadings(KMS, { after: 0, until: at + 9, limit: 2 }))).toEqual([
        reading(1),
        reading(2),
      ]);
      expect(await store.transact((tx) => tx.deleteKmsReadings(at + 3, 2))).toBe(2);
      expect(await store.transact((tx) => tx.deleteKmsReadings(at + 3, 2))).toBe(1);
      expect(await read((view) => view.kmsReadings(KMS, { after: 0, until: at + 9, limit: 9 }))).toHaveLength(1);
    });
  });

  describe("uninterpreted records", () => {
    test("are put and trimmed, beside everything else of the transaction", async () => {
      await store.transact(async (tx) => {
        await tx.putUninterpreted(
          [1, 2, 3].map((n) => ({ receivedAt: at + n, host: "pc1", reason: "odd", record: "{}" })),
        );
        await tx.trimUninterpreted(1);
        await tx.addSums([["a", 1]]);
      });
      expect((await changed(other, 0)).sums).toEqual([["a", 1]]);
      const rows = await read((view) => view.newestUninterpreted(9));
      expect(rows).toEqual([{ receivedAt: at + 3, host: "pc1", reason: "odd", record: "{}" }]);
    });

    test("the newest are read first", async () => {
      const row = (n: number) => ({ receivedAt: at + n, host: `pc${n}`, reason: "odd", record: `{"n":${n}}` });
      await store.transact((tx) => tx.putUninterpreted([1, 2, 3].map(row)));
      expect(await read((view) => view.newestUninterpreted(2))).toEqual([row(3), row(2)]);
    });
  });

  describe("what the other handle sees", () => {
    test("a new database has a revision and nothing else", async () => {
      expect(await changed(other, 0)).toEqual({
        revision: await revision(),
        complete: true,
        kmsHosts: [],
        collectorState: [],
        sums: [],
      });
    });

    test("exactly what was committed since the revision it knows, sums as absolute numbers", async () => {
      await store.transact(async (tx) => {
        await tx.addSums([
          ["a", 2],
          ["b", 1],
        ]);
        await tx.putKmsHosts([
          { key: "kms01", state: "1" },
          { key: "kms02", state: "1" },
        ]);
        await tx.putState([
          { key: "prober a", state: "1" },
          { key: "prober b", state: "1" },
        ]);
      });
      const known = await revision();
      expect(await changed(other, known)).toEqual({
        revision: known,
        complete: false,
        kmsHosts: [],
        collectorState: [],
        sums: [],
      });
      await store.transact(async (tx) => {
        await tx.addSums([["a", 5]]);
        await tx.putKmsHosts([
          { key: "kms01", state: "2" },
          { key: "kms01", state: "3" },
        ]);
        await tx.putState([{ key: "prober a", state: "2" }]);
      });
      const now = await revision();
      expect(now).toBeGreaterThan(known);
      expect(await changed(other, known)).toEqual({
        revision: now,
        complete: false,
        kmsHosts: [["kms01", "3"]],
        collectorState: [["prober a", "2"]],
        sums: [["a", 7]],
      });
      expect(await read((view) => view.state("prober a"))).toBe("2");
    });

    test("a sum of 0 and a deleted state, as long as they are kept; a state that comes back is there again", async () => {
      await store.transact(async (tx) => {
        await tx.addSums([
          ["a", 1],
          ["b", 1],
        ]);
        await tx.putState([
          { key: "x", state: "1" },
          { key: "y", state: "1" },
        ]);
      });
      const known = await revision();
      await store.transact(async (tx) => {
        await tx.addSums([["a", -1]]);
        await tx.deleteState(["x", "y", "never"]);
        await tx.putState([{ key: "y", state: "2" }]);
      });
      const seen = await changed(other, known);
      expect(seen.sums).toEqual([["a", 0]]);
      expect(seen.collectorState.filter(([key]) => key !== "never")).toEqual([
        ["x", ""],
        ["y", "2"],
      ]);
      expect(await read((view) => view.state("x"))).toBeUndefined();
      expect(await read((view) => view.state("y"))).toBe("2");
    });

    test("after the tombstones are gone: everything, and that it is everything, for whoever has not seen them", async () => {
      await store.transact(async (tx) => {
        await tx.addSums([
          ["a", 1],
          ["b", 1],
        ]);
        await tx.putState([{ key: "x", state: "1" }]);
      });
      const behind = await revision();
      await store.transact(async (tx) => {
        await tx.addSums([["a", -1]]);
        await tx.deleteState(["x"]);
      });
      const upToDate = await revision();
      await store.transact((tx) => tx.addSums([["c", 1]]));
      await store.transact(async (tx) => tx.deleteTombstones(await tx.revision()));
      const whole = {
        complete: true,
        kmsHosts: [],
        collectorState: [],
        sums: [
          ["b", 1],
          ["c", 1],
        ],
      };
      expect(await changed(other, behind)).toMatchObject(whole);
      expect(await changed(other, 0)).toMatchObject(whole);
      // This one has seen that they are gone; whether it is told all or only the rest, it ends at the same.
      const rest = await changed(other, upToDate);
      expect(rest.sums).toEqual(rest.complete ? whole.sums : [["c", 1]]);
      const now = await revision();
      expect(await changed(other, now)).toMatchObject({ complete: false, sums: [], collectorState: [] });
    });

    test("tombstones that are younger than asked for stay", async () => {
      await store.transact((tx) => tx.addSums([["a", 1]]));
      const known = await revision();
      await store.transact((tx) => tx.addSums([["a", -1]]));
      await store.transact((tx) => tx.deleteTombstones(known));
      expect(await changed(other, known)).toMatchObject({ complete: false, sums: [["a", 0]] });
    });

    test("sums are read in pages and removed for good, which others see when they read everything", async () => {
      const all = Array.from({ length: 5 }, (_, i) => [`s${i}`, i + 1] as const);
      await store.transact((tx) => tx.addSums(all));
      const known = await revision();
      expect(await read((view) => view.sums({ after: "s0", limit: 2 }))).toEqual([
        ["s1", 2],
        ["s2", 3],
      ]);
      await store.transact(async (tx) => {
        await tx.removeSums(["s0", "s3"]);
        await tx.deleteTombstones(await tx.revision());
      });
      expect(await changed(other, known)).toMatchObject({
        complete: true,
        sums: [
          ["s1", 2],
          ["s2", 3],
          ["s4", 5],
        ],
      });
      await store.transact((tx) => tx.addSums([["t", 7]]));
      const everything = await read(async (view) => [...(await view.changedSince(0)).sumsFrom("t")]);
      expect(everything).toEqual([["t", 7]]);
    });

    test("sums of both handles add up, and never exceed what JavaScript can count", async () => {
      await store.transact((tx) => tx.addSums([["a", 1]]));
      await other.transact((tx) => tx.addSums([["a", 2]]));
      await store.transact((tx) =>
        tx.addSums([
          ["a", 4],
          ["huge", Number.MAX_SAFE_INTEGER],
        ]),
      );
      await other.transact((tx) => tx.addSums([["huge", Number.MAX_SAFE_INTEGER]]));
      expect((await changed(store, 0)).sums).toEqual([
        ["a", 7],
        ["huge", Number.MAX_SAFE_INTEGER],
      ]);
    });

    test("a transaction that writes raises the revision once; one that only reads leaves it", async () => {
      const before = await revision();
      await store.transact(async (tx) => {
        await tx.addSums([["a", 1]]);
        await tx.putState([{ key: "x", state: "1" }]);
        expect(await tx.revision()).toBe(before + 1);
      });
      expect(await revision()).toBe(before + 1);
      await store.transact((tx) => tx.state("x"));
      expect(await revision()).toBe(before + 1);
    });
  });

  describe("transactions", () => {
    /** Writes a row of every kind. */
    const writeAll = (of: Store, mark: string, fails: boolean) =>
      of.transact(async (tx) => {
        await tx.insertEvents([event(mark.charCodeAt(0))]);
        await tx.putComputers([computer(mark)]);
        await tx.putKmsHosts([{ key: mark, state: mark }]);
        await tx.putKmsClients([client(mark)]);
        await tx.putKmsReadings([{ kmsHost: mark, at, counts: {} }]);
        await tx.putState([{ key: mark, state: mark }]);
        await tx.addSums([[mark, 1]]);
        if (fails) throw new Error("the work failed");
      });

    test("one that throws leaves nothing behind, and the next one succeeds", async () => {
      const before = await revision();
      await expect(writeAll(store, "a", true)).rejects.toThrow("the work failed");
      expect(await changed(other, before)).toMatchObject({
        revision: before,
        kmsHosts: [],
        collectorState: [],
        sums: [],
      });
      expect(await read((view) => view.computer("a"))).toBeUndefined();
      expect(await read((view) => view.allKmsClients({ limit: 9 }))).toEqual([]);
      expect(await read((view) => view.kmsReadings("a", { after: 0, until: at, limit: 9 }))).toEqual([]);
      expect(await read((view) => view.events({ limit: 9 }))).toEqual([]);
      await writeAll(store, "a", false);
      expect(await changed(other, before)).toMatchObject({ revision: before + 1, sums: [["a", 1]] });
      expect(await read((view) => view.events({ limit: 9 }))).toHaveLength(1);
    });

    test("sees its own writes, and others see them only after the commit", async () => {
      await store.transact(async (tx) => {
        await tx.putComputers([computer("pc1")]);
        await tx.addSums([["a", 1]]);
        expect((await tx.computers({ after: "", limit: 9 })).length).toBe(1);
        expect(plain(await tx.changedSince(0)).sums).toEqual([["a", 1]]);
        expect(await read((view) => view.computer("pc1"))).toBeUndefined();
        expect((await changed(other, 0)).sums).toEqual([]);
      });
      expect(await read((view) => view.computer("pc1"))).toBeDefined();
    });

    test("overlapping ones of two handles wait or fail as a whole, and never mix", async () => {
      let overlapping: Promise<PromiseSettledResult<void>[]> | undefined;
      await store.transact(async (tx) => {
        await tx.addSums([["a", 1]]);
        overlapping = Promise.allSettled([writeAll(other, "b", false)]);
        // A store that fails at once does so here; one that waits goes on after the commit.
        await Promise.race([overlapping, new Promise((resolve) => setImmediate(resolve))]);
        await tx.addSums([["a", 1]]);
      });
      const [second] = await overlapping!;
      const { sums, kmsHosts } = await changed(other, 0);
      if (second!.status === "fulfilled") {
        expect(sums).toEqual([
          ["a", 2],
          ["b", 1],
        ]);
        expect(kmsHosts).toEqual([["b", "b"]]);
      } else {
        expect([StoreUnavailable, StoreConflict]).toContain((second as PromiseRejectedResult).reason.constructor);
        expect(sums).toEqual([["a", 2]]);
        expect(kmsHosts).toEqual([]);
        expect(await read((view) => view.computer("b"))).toBeUndefined();
      }
    });

    test("a snapshot sees one state, whatever the other handle commits meanwhile", async () => {
      await store.transact(async (tx) => {
        await tx.addSums([["a", 1]]);
        await tx.putComputers([computer("pc1")]);
      });
      await other.snapshot(async (view) => {
        const before = plain(await view.changedSince(0));
        await store.transact(async (tx) => {
          await tx.addSums([["a", 1]]);
          await tx.putComputers([computer("pc1", { zone: "lab" }), computer("pc2")]);
          await tx.putState([{ key: "x", state: "1" }]);
        });
        expect(plain(await view.changedSince(0))).toEqual(before);
        expect(await view.revision()).toBe(before.revision);
        expect((await view.computer("pc1"))?.zone).toBe("core");
        expect(await view.computer("pc2")).toBeUndefined();
        expect(await view.state("x")).toBeUndefined();
      });
      expect((await changed(other, 0)).sums).toEqual([["a", 2]]);
    });

    test("a read that throws throws, and the handle goes on", async () => {
      await expect(
        store.snapshot(() => {
          throw new Error("the read failed");
        }),
      ).rejects.toThrow("the read failed");
      await store.transact((tx) => tx.addSums([["a", 1]]));
      expect((await changed(store, 0)).sums).toEqual([["a", 1]]);
    });

    test("many transactions of both handles in turn lose nothing", async () => {
      for (let i = 0; i < 40; i += 1)
        await (i % 2 === 0 ? store : other).transact(async (tx) => {
          const known = Number((await tx.state("n")) ?? 0);
          await tx.putState([{ key: "n", state: String(known + 1) }]);
          await tx.addSums([["n", 1]]);
        });
      expect(await changed(store, 0)).toMatchObject({ collectorState: [["n", "40"]], sums: [["n", 40]] });
    });
  });

  test("the store tells how large it is", async () => {
    expect(await store.bytes()).toBeGreaterThan(0);
  });

  test("computers by when they were seen, page by page; retired ones are not among them, nor counted", async () => {
    const rows = [
      computer("pc3", { seenAt: at + 1 }),
      computer("pc1", { seenAt: at + 1 }),
      computer("pc2", { seenAt: at }),
      computer("gone", { seenAt: at, presence: 1 }),
      computer("later", { seenAt: at + 2 }),
    ];
    await store.transact((tx) => tx.putComputers(rows));
    const range = { from: at, until: at + 2 };
    const read = <T>(look: (view: Reader) => T | Promise<T>) => store.snapshot(look);
    const [first, second] = await read((view) => view.computersBySeen({ ...range, limit: 2 }));
    expect([first?.key, second?.key]).toEqual(["pc2", "pc1"]);
    expect(await read((view) => view.computersBySeen({ ...range, after: second!, limit: 2 }))).toEqual([rows[0]]);
    const seen = () => read((view) => view.countComputers("seen", at, at + 2));
    expect(await seen()).toEqual([{ zone: "core", status: null, count: 3 }]);
    await store.transact((tx) => tx.putComputers([computer("pc2", { seenAt: at, presence: 1 })]));
    expect(await seen()).toEqual([{ zone: "core", status: null, count: 2 }]);
  });
};
