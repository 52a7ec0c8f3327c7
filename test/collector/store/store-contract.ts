import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ComputerRow, EventRow, Store } from "../../../collector/store/store.ts";

const at = Date.UTC(2026, 10, 20);
const event = (n: number, over: Partial<EventRow> = {}): EventRow => {
  const id = Buffer.alloc(16);
  id.writeUIntBE(at + n, 0, 6);
  id[15] = n;
  return {
    id,
    computer: "kms01.contoso.com",
    eventId: 12290,
    at: at + n,
    fact: `{"n":${n}}`,
    ...over,
  };
};
const computer = (key: string, over: Partial<ComputerRow> = {}): ComputerRow => ({
  key,
  zone: "core",
  seenAt: at,
  retired: 0,
  deadline: null,
  deadlineStatus: null,
  deadlineProduct: null,
  overdueAt: null,
  state: "{}",
  ...over,
});

/** What every store promises; run it once for each. `open` opens the same database each time within one test. */
export const storeContract = (open: () => Promise<Store>): void => {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store.close();
  });
  const reopen = async () => {
    await store.close();
    store = await open();
  };

  test("an event is new once, whether it comes again in the same transaction, later, or after a restart", async () => {
    expect(await store.transact((tx) => tx.insertEvents([event(1), event(2), event(1)]))).toEqual([true, true, false]);
    expect(await store.transact((tx) => tx.insertEvents([event(2), event(3)]))).toEqual([false, true]);
    await reopen();
    expect(await store.transact((tx) => tx.insertEvents([event(3)]))).toEqual([false]);
  });

  test("a transaction that throws leaves nothing behind", async () => {
    const failed = store.transact(async (tx) => {
      await tx.insertEvents([event(1)]);
      await tx.saveComputers([computer("pc1")]);
      await tx.addSums([["a", 1]]);
      throw new Error("disk full");
    });
    await expect(failed).rejects.toThrow("disk full");
    expect([...(await store.sums())]).toEqual([]);
    expect(await store.read.computer("pc1")).toBeUndefined();
    expect(await store.transact((tx) => tx.insertEvents([event(1)]))).toEqual([true]);
  });

  test("computers by when they were seen, page by page; retired ones are not among them, nor counted", async () => {
    const rows = [
      computer("pc3", { seenAt: at + 1 }),
      computer("pc1", { seenAt: at + 1 }),
      computer("pc2", { seenAt: at }),
      computer("gone", { seenAt: at, retired: 1 }),
      computer("later", { seenAt: at + 2 }),
    ];
    await store.transact((tx) => tx.saveComputers(rows));
    const range = { from: at, until: at + 2 };
    const [first, second] = await store.read.computersBySeen({ ...range, limit: 2 });
    expect([first?.key, second?.key]).toEqual(["pc2", "pc1"]);
    expect(await store.read.computersBySeen({ ...range, after: second!, limit: 2 })).toEqual([rows[0]]);
    expect(await store.read.countComputers("seen", at, at + 2)).toEqual([{ zone: "core", status: null, count: 3 }]);
    await store.transact((tx) => tx.saveComputers([computer("pc2", { seenAt: at, retired: 1 })]));
    expect(await store.read.countComputers("seen", at, at + 2)).toEqual([{ zone: "core", status: null, count: 2 }]);
  });

  test("sums add up over transactions and restarts, and those that come to nothing are gone", async () => {
    await store.transact((tx) =>
      tx.addSums([
        ["a", 2],
        ["b", 1],
      ]),
    );
    await store.transact((tx) =>
      tx.addSums([
        ["a", -1],
        ["b", -1],
        ["c", 5],
      ]),
    );
    await reopen();
    expect([...(await store.sums())].sort()).toEqual([
      ["a", 1],
      ["c", 5],
    ]);
  });

  test("states are found by key, and the latest stands", async () => {
    const client = { kmsHost: "kms01", pool: "windows", key: "cmid-1", lastAt: at, state: "{}" };
    await store.transact(async (tx) => {
      await tx.saveComputers([computer("pc1"), computer("pc2")]);
      await tx.saveComputers([computer("pc1", { zone: "lab", state: '{"v":2}' })]);
      await tx.saveKmsHosts([
        { key: "kms01", state: "1" },
        { key: "kms01", state: "2" },
      ]);
      await tx.saveKmsClients([client, { ...client, lastAt: at + 1 }]);
    });
    await reopen();
    expect((await store.kmsHosts()).map((it) => [it.key, it.state])).toEqual([["kms01", "2"]]);
    await store.transact(async (tx) => {
      const rows = await tx.computers(["pc1", "pc3"]);
      expect([...rows.keys()]).toEqual(["pc1"]);
      expect(rows.get("pc1")).toMatchObject({ zone: "lab", state: '{"v":2}', deadline: null });
      const clients = await tx.kmsClients([client, { ...client, key: "cmid-2" }]);
      expect([...clients.values()].map((it) => it.lastAt)).toEqual([at + 1]);
    });
  });

  test("lists are read in pages, in an order that does not move", async () => {
    const keys = ["a", "b", "c", "d"];
    await store.transact(async (tx) => {
      await tx.saveComputers(keys.map((key, i) => computer(key, { deadline: at + 10 - i })));
      await tx.insertEvents([
        event(3),
        event(1),
        event(2, { computer: "pc1", eventId: 12288 }),
        event(4, { eventId: 900 }),
      ]);
    });
    expect((await store.read.computers({ after: "b", limit: 1 })).map((it) => it.key)).toEqual(["c"]);
    const soonest = await store.read.computersByDeadline({ from: at + 8, until: at + 10, limit: 5 });
    expect(soonest.map((it) => it.key)).toEqual(["c", "b"]);
    const first = await store.read.events({ since: at, limit: 2 });
    expect(first.map((it) => it.at - at)).toEqual([1, 2]);
    const rest = await store.read.events({ since: at, after: first[1]!.id, limit: 2 });
    expect(rest.map((it) => it.at - at)).toEqual([3, 4]);
    const others = await store.read.events({ event: "other", since: at, limit: 9 });
    expect(others.map((it) => it.eventId)).toEqual([900]);
    expect(await store.read.events({ computer: "pc1", event: "kms_request_sent", since: at, limit: 9 })).toHaveLength(
      1,
    );
    const timeless = event(9, { id: new Uint8Array(16).fill(7, 6) });
    const ahead = event(5, { id: event(500).id });
    await store.transact((tx) => tx.insertEvents([timeless, ahead]));
    const late = await store.transact((tx) => tx.eventsOf("kms01.contoso.com", 12290, at + 2));
    expect(late.map((it) => it.at - at)).toEqual([3, 5, 9]);
  });

  test("what is collectorState is the newest by its key, until it is forgotten", async () => {
    await store.transact(async (tx) => {
      await tx.putState([
        { key: "prober a", state: "1" },
        { key: "prober b", state: "1" },
      ]);
      await tx.putState([{ key: "prober a", state: "2" }]);
      await tx.deleteState(["prober b", "prober never"]);
    });
    expect([...(await store.collectorState())]).toMatchObject([{ key: "prober a", state: "2" }]);
  });

  test("a sweep removes what is too old, and hands back what was counted", async () => {
    const client = { kmsHost: "kms01", pool: "windows", key: "cmid-1", lastAt: at, state: "{}" };
    await store.transact(async (tx) => {
      await tx.saveComputers([computer("old", { seenAt: at - 1 }), computer("new")]);
      await tx.saveKmsHosts([{ key: "kms01", state: "{}" }]);
      await tx.saveKmsClients([
        { ...client, lastAt: at - 1 },
        { ...client, key: "cmid-2" },
      ]);
      await tx.insertEvents([event(0), event(1)]);
    });
    const gone = await store.transact((tx) => tx.forget({ events: at + 1, computers: at, kmsClients: at }));
    expect(gone.computers.map((it) => it.key)).toEqual(["old"]);
    expect(gone.kmsClients.map((it) => it.key)).toEqual(["cmid-1"]);
    expect(gone.events).toBe(1);
    expect(await store.read.events({ since: 0, limit: 9 })).toHaveLength(1);
    expect(await store.read.computer("old")).toBeUndefined();
  });
};
