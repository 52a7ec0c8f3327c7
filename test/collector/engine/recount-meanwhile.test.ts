import { expect, test } from "@jest/globals";
import { readCollectorConfig } from "../../../collector/config.ts";
import { type Engine, openEngine } from "../../../collector/engine/engine.ts";
import { openSqlite } from "../../../collector/store/sqlite/store.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { DAY, HOUR, MINUTE } from "../../../licensing/time.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, KMS01, licensing, product, request } from "../../support/facts.ts";

/** While everything is counted anew, requests are taken as ever, and at the end every sum is that of the rows. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("recount-meanwhile", T);
const COMPUTERS = 2_500;

const report = (i: number, round: number): Fact[] => [
  licensing([
    product({ LicenseStatus: (i + round) % 5 === 0 ? 5 : 1, GracePeriodRemaining: 100_000 + ((i * 7 + round) % 999) }),
  ]),
  heartbeat(T + round * MINUTE, { failingSources: (i + round) % 3 === 0 ? { [`s${i % 50}`]: 1 } : {} }),
];
const take = (engine: Engine, from: number, count: number, round: number) =>
  engine.ingest([
    ...Array.from({ length: count }, (_, i) =>
      submissionOf([fromAgent(`pc${from + i}.contoso.com`, report(from + i, round), T + round * MINUTE)], T + DAY),
    ),
    submissionOf(
      [
        fromAgent(
          KMS01,
          Array.from({ length: count }, (_, i) =>
            request({ at: T - ((i * 13 + round) % 700) * HOUR, client: from + i }),
          ),
          T,
        ),
      ],
      T + DAY,
    ),
  ]);
const sums = async () => {
  const store = openSqlite(own.file);
  const found = await store.snapshot(async (view) =>
    [...(await view.changedSince(0)).sums].filter(([, sum]) => sum !== 0),
  );
  await store.close();
  return found.toSorted();
};

test("requests between the pieces of a recount leave the sums exact; until its end there are no figures of the fleet", async () => {
  own.now = T + DAY;
  for (let from = 0; from < COMPUTERS; from += 500) await take(own.engine, from, 500, 0);
  const config = readCollectorConfig("test.yaml", "zones: [{ name: elsewhere, computers: ['pc1*'] }]", {});
  const open = () => openEngine(openSqlite(own.file), config, { clock: () => own.now, version: "1", piecesAtStart: 0 });
  let engine = await open();
  let pieces = 1;
  for (; await engine.continueWork(); pieces += 1) {
    const text = await engine.metrics("text");
    // Late requests have a KMS host's requests walked through anew again and again.
    if (text.includes("activation_collector_ready 1\n")) break;
    expect(text).toContain("activation_collector_ready 0\n");
    expect(text).not.toMatch(/^activation_(kms|computers|licenses)/m);
    await expect(engine.answer({ ask: "kms-hosts" })).rejects.toThrow(/counts everything anew/);
    // Rows before, at and behind the place that the recount has come to, and computers that are new.
    for (const from of [0, 900, 1_700, COMPUTERS + pieces * 40]) await take(engine, from, 40, pieces);
    await engine.sweep();
    // A restart goes on where the recount was.
    if (pieces % 3 === 0) {
      await engine.close();
      engine = await open();
    }
  }
  expect(pieces).toBeGreaterThan(6);
  expect(await engine.metrics("text")).toContain("activation_collector_ready 1\n");
  const kept = await sums();
  await engine.close();
  await own.reopen("zones: [{ name: elsewhere, computers: ['pc1*'] }, { name: other }]");
  while (await own.engine.continueWork());
  expect(await sums()).toEqual(kept);
}, 60_000);
