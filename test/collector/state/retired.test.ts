import { expect, test } from "@jest/globals";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, licensing, product, sent } from "../../support/facts.ts";

/** docs/counting-rules.md, "Retired means gone": retired means gone, from every figure but one. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("retired", T);
const { take, figure } = own;

const states = async (zone = "core") =>
  Promise.all(["reporting", "stale", "retired"].map((state) => figure("computers", { zone, state, source: "agent" })));
/** Every figure of the fleet that is not 0, but for counters and how many computers there are. */
const figures = async () =>
  [...(await own.series())].filter(
    ([series, value]) =>
      value !== 0 &&
      /^activation_(?!computers\{|collector_|kms_required|kms_key_|zone_info|kms_recommended)/.test(series) &&
      !/_total\{/.test(series),
  );

const everything = (host: string, at = own.now) =>
  take(
    host,
    [
      licensing(
        [
          product({ GracePeriodRemaining: 100, GenuineStatus: 1 }),
          product({ ID: "d450596f-894d-49e0-966a-fd39ed4c4c64", Description: "MAK", LicenseStatus: 5 }),
        ],
        { service: { RemainingWindowsReArmCount: 2 } },
      ),
      heartbeat(at, { spooledRecords: 7, oldestUnsentSeconds: 50, failingSources: { wmi: 1 } }),
      sent({ at: at - MINUTE, client: 1 }),
    ],
    { at },
  );

test("a computer that was silent for 90 days is in no figure, and comes back with its next report", async () => {
  await everything("pc1.contoso.com");
  expect((await figures()).length).toBeGreaterThan(8);
  own.now = T + 90 * DAY + HOUR;
  await own.engine.sweep();
  expect(await states()).toEqual([0, 0, 1]);
  expect(await figures()).toEqual([]);
  await own.reopen();
  expect(await figures()).toEqual([]);
  await take("pc1.contoso.com", [licensing()]);
  expect(await states()).toEqual([1, 0, 0]);
  expect(await figure("licenses", { status: "licensed" })).toBe(1);
});

test("what arrives from long ago is retired at once", async () => {
  await take("pc1.contoso.com", [licensing()], { at: T - 200 * DAY, imported: true });
  expect(await states()).toEqual([0, 0, 1]);
  expect(await figures()).toEqual([]);
});

test("named computers are retired while they report, and so is a virtual desktop after a shorter time", async () => {
  await take("pc1.contoso.com", [licensing()]);
  await take("vdi-1.contoso.com", [licensing()]);
  await take("pc2.contoso.com", [licensing()]);
  const yaml = "retire: { names: [pc1*], virtual_desktops: { names: [vdi-*], after: 2d } }";
  await own.reopen(yaml);
  expect(await states()).toEqual([2, 0, 1]);
  await take("pc1.contoso.com", [licensing()]);
  expect(await states()).toEqual([2, 0, 1]);
  // Between two sweeps within the hour in which it becomes stale, too.
  own.now = T + 2 * DAY + 1;
  await own.engine.sweep();
  expect(await states()).toEqual([1, 0, 2]);
  own.now = T + 3 * DAY + 1;
  expect(await states()).toEqual([0, 1, 2]);
  own.now = T + 90 * DAY + 1;
  await own.engine.sweep();
  expect(await states()).toEqual([0, 0, 3]);
  await own.reopen();
  expect(await states()).toEqual([0, 0, 3]);
});

test("many computers are retired page by page", async () => {
  const groups = Array.from({ length: 1_200 }, (_, i) => fromAgent(`pc${i}.contoso.com`, [licensing()], T));
  await own.engine.ingest([submissionOf(groups, T)]);
  own.now = T + 91 * DAY;
  await own.engine.sweep();
  expect(await states()).toEqual([0, 0, 1_200]);
});
