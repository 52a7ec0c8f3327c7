import { expect, test } from "@jest/globals";
import { readCollectorConfig } from "../../../collector/config.ts";
import { openEngine } from "../../../collector/engine/engine.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import { DAY, HOUR, iso, MINUTE } from "../../../licensing/time.ts";
import { submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, KMS01, licensing, request, seriesOf } from "../../support/facts.ts";
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
  const report = async (round: number) => {
    const requests = Array.from({ length: 40 }, (_, i) => request({ at: truth - i * MINUTE - round, client: i }));
    const sentAt = iso(truth);
    const taken = await engine.ingest([
      submissionOf([fromAgent(KMS01, [...requests, heartbeat(truth, { sentAt })], truth)], truth + error),
      submissionOf([fromAgent("pc1.contoso.com", [licensing(), heartbeat(truth, { sentAt })], truth)], truth + error),
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
        reporting: series.get('activation_computers{zone="core",state="reporting"}'),
        table: series.get(`activation_kms_table_clients{kms_host="${KMS01}",zone="core",application="windows"}`),
      };
    },
    findings: async () => (await engine.answer({ ask: "collector" })).findings,
    close: () => engine.close(),
  };
};

const RIGHT = { suspect: 0, reporting: 2, table: 40 };

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
