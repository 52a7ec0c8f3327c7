import { expect, test } from "@jest/globals";
import { readCollectorConfig } from "../../../collector/config.ts";
import { openEngine } from "../../../collector/engine/engine.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { DAY, HOUR, iso, MINUTE } from "../../../licensing/time.ts";
import { submissionOf } from "../../support/engine.ts";
import {
  fromAgent,
  heartbeat,
  hostReading,
  KMS01,
  licensing,
  product,
  request,
  seriesOf,
} from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

/** A collector whose clock is wrong for a while deletes nothing and stores nothing wrong. */
const T = Date.parse("2026-11-20T12:00:00Z");
const folder = ownFolder("wrong-clock");

const world = async (errorAtFirst = 0) => {
  let truth = T;
  let error = errorAtFirst;
  const open = () =>
    openEngine(openSqlite(`${folder()}/a.db`), readCollectorConfig("test.yaml", "", {}), {
      clock: () => truth + error,
      version: "1",
      monotonic: () => truth - T,
    });
  let engine = await open();
  /** @param off how far ahead the clocks of those who report are @param first their first client */
  const report = async (round: number, { off = 0, first = 0, count = 40, status = 1 } = {}) => {
    const at = truth + off;
    const requests = Array.from({ length: count }, (_, i) =>
      request({ at: at - i * MINUTE - round, client: first + i }),
    );
    const sentAt = iso(at);
    const taken = await engine.ingest([
      submissionOf([fromAgent(KMS01, [...requests, hostReading(count), heartbeat(at, { sentAt })], at)], truth + error),
      submissionOf(
        [
          fromAgent(
            "pc1.contoso.com",
            [licensing([product({ LicenseStatus: status })]), heartbeat(at, { sentAt })],
            at,
          ),
        ],
        truth + error,
      ),
    ]);
    return taken.map((it) => it.outcome);
  };
  return {
    report,
    sweep: () => engine.sweep(),
    go: (by: number) => {
      truth += by;
    },
    set: (to: number) => {
      error = to;
    },
    restart: async () => {
      await engine.close();
      engine = await open();
    },
    figures: async () => {
      const series = seriesOf(await engine.metrics("text"));
      return {
        suspect: series.get("activation_collector_clock_suspect"),
        reporting: series.get('activation_computers{zone="core",state="reporting",source="agent"}'),
        distinct: series.get(`activation_kms_distinct_clients{kms_host="${KMS01}",zone="core",application="windows"}`),
        reported: series.get(`activation_kms_reported_clients{kms_host="${KMS01}",zone="core",application="windows"}`),
        notified: series.get(
          'activation_licenses{zone="core",product="Windows 10 Enterprise",channel="kms_client",status="notification"}',
        ),
        table: series.get(`activation_kms_table_clients{kms_host="${KMS01}",zone="core",application="windows"}`),
      };
    },
    /** What a forwarder, or an import, brings of five computers says nothing about the present. */
    relay: async ({ imported }: { imported: boolean }) => {
      const groups = [1, 2, 3, 4, 5].map((i) => {
        const group = fromAgent(`far${i}.contoso.com`, [heartbeat(truth, { sentAt: iso(truth - 3 * DAY) })], truth);
        const attributes = { "host.name": `far${i}.contoso.com`, "service.name": "activation-agent" };
        return imported ? group : { ...group, resource: { attributes } };
      });
      return (await engine.ingest([submissionOf(groups, truth + error, imported)])).map((it) => it.outcome);
    },
    findings: async () => (await engine.answer({ ask: "collector" })).findings,
    close: () => engine.close(),
  };
};

const RIGHT = { notified: undefined, suspect: 0, reporting: 2, distinct: 40, reported: 40, table: 40 };

test.each([
  ["two years ahead, while it runs", 730 * DAY, false],
  ["two years behind, while it runs", -730 * DAY, false],
  ["two years ahead, at a start", 730 * DAY, true],
  ["two years behind, at a start", -730 * DAY, true],
])("a clock %s", async (_, error, restarts) => {
  const it = await world();
  expect(await it.report(0)).toEqual(["stored", "stored"]);
  expect(await it.figures()).toEqual(RIGHT);
  it.go(HOUR);
  it.set(error);
  if (restarts) await it.restart();
  expect(await it.report(1)).toEqual(["failed", "failed"]);
  await expect(it.sweep()).rejects.toThrow(/clock is doubted/);
  expect((await it.figures()).suspect).toBe(1);
  expect(await it.findings()).toEqual([expect.stringContaining("own clock is doubted")]);
  it.go(HOUR);
  expect(await it.report(2)).toEqual(["failed", "failed"]);
  it.set(0);
  it.go(MINUTE);
  expect(await it.report(3)).toEqual(["stored", "stored"]);
  await it.sweep();
  expect(await it.figures()).toEqual(RIGHT);
  expect(await it.findings()).toEqual([]);
  await it.close();
});

test("what a wrong clock stored at the first start is corrected by newer reports once it is right", async () => {
  const it = await world(730 * DAY);
  // Nobody but two agents contradicts, and nothing else is known yet.
  expect(await it.report(0)).toEqual(["stored", "stored"]);
  it.set(0);
  it.go(MINUTE);
  expect(await it.report(1)).toEqual(["stored", "stored"]);
  it.go(HOUR);
  expect(await it.report(2)).toEqual(["stored", "stored"]);
  expect((await it.figures()).reporting).toBe(2);
  it.go(4 * DAY);
  await it.sweep();
  expect((await it.figures()).reporting).toBe(0);
  await it.close();
});

/** Some of the clients, and others; fewer than while the clocks were wrong. And a computer in another state. */
const NOW = { first: 20, count: 30, status: 5 };
test("clocks of a KMS host and of the collector that were wrong together: the host's figures are right once they are", async () => {
  const it = await world(730 * DAY);
  expect(await it.report(0, { off: 730 * DAY })).toEqual(["stored", "stored"]);
  it.go(HOUR);
  expect(await it.report(1, { off: 730 * DAY })).toEqual(["stored", "stored"]);
  it.set(0);
  it.go(HOUR);
  // The first report with the right time is what the agents' votes come from.
  await it.report(2, NOW);
  it.go(MINUTE);
  expect(await it.report(3, NOW)).toEqual(["stored", "stored"]);
  expect(await it.figures()).toEqual({ notified: 1, suspect: 0, reporting: 2, distinct: 30, reported: 30, table: 30 });
  await it.restart();
  it.go(MINUTE);
  expect(await it.report(4, NOW)).toEqual(["stored", "stored"]);
  expect(await it.figures()).toEqual({ notified: 1, suspect: 0, reporting: 2, distinct: 30, reported: 30, table: 30 });
  it.go(31 * DAY);
  await it.report(5, NOW);
  expect(await it.figures()).toEqual({ notified: 1, suspect: 0, reporting: 2, distinct: 30, reported: 30, table: 30 });
  await it.close();
});

test.each([true, false])("old times of others are no word about the clock (imported: %s)", async (imported) => {
  const it = await world();
  expect(await it.relay({ imported })).toEqual(["stored"]);
  it.go(MINUTE);
  expect(await it.relay({ imported })).toEqual(["stored"]);
  expect((await it.figures()).suspect).toBe(0);
  await it.close();
});
