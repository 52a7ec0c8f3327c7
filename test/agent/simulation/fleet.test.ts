import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { simulatedFleet } from "../../../agent/simulation/simulate.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { seriesOf } from "../../support/facts.ts";

let collector: Running;
beforeEach(async () => {
  collector = await runningCollector();
});
afterEach(() => collector.stop());

test("the same seed is the same fleet, another seed another one", () => {
  const bytes = (seed: number) =>
    Buffer.concat(
      [...simulatedFleet({ seed, hosts: 60, now: 1_790_000_000_000, version: "1" }).present()].map(encodeLogs),
    );
  expect(bytes(1).equals(bytes(1))).toBe(true);
  expect(bytes(1).equals(bytes(2))).toBe(false);
});

test("it reports to a real collector, which understands all of it", async () => {
  const ran = await cli(["fleet", "simulate", "--hosts", "200", "--once", "--url", collector.otlpUrl]);
  expect(ran).toEqual({ code: 0, out: "", err: "" });
  const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
  const sum = (prefix: string) =>
    [...series].reduce((total, [key, value]) => (key.startsWith(prefix) ? total + value : total), 0);
  const computers = [...series].filter(([key]) => key.startsWith("activation_computers{") && key.includes('"agent"'));
  expect(computers.reduce((total, [, value]) => total + value, 0)).toBe(204);
  for (const outcome of ["uninterpreted", "rejected", "ignored", "expired"])
    expect(sum(`activation_collector_records_total{kind="event",outcome="${outcome}"}`)).toBe(0);
  expect(sum('activation_kms_ledger_complete{kms_host="kms01.contoso.com"')).toBe(2);
  expect(sum("activation_kms_host_up{")).toBe(2 * 4 * 2);
  expect(sum('activation_kms_srv_record_info{domain="contoso.com"')).toBe(4);
  expect(sum("activation_kms_duplicate_machine_ids{")).toBeGreaterThan(0);
});

test.each([
  [["--url", "foo"], "'--url <url>' argument 'foo' is invalid; write http://host:port"],
  [["--url", "http://127.0.0.1:1", "--token-file", "no-such-file"], "no-such-file: there is no such file"],
])("%j is wrong usage, and named as it was written", async (args, words) => {
  const ran = await cli(["fleet", "simulate", "--hosts", "1", "--once", ...args]);
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining(words) });
});

test("where no collector is, it says so within seconds", async () => {
  const begun = Date.now();
  const ran = await cli(["fleet", "simulate", "--hosts", "1", "--once", "--url", "http://127.0.0.1:1"]);
  expect(ran).toMatchObject({
    code: 1,
    err: expect.stringMatching(/http:\/\/127\.0\.0\.1:1 does not take anything: .*Is the collector running/),
  });
  expect(Date.now() - begun).toBeLessThan(25_000);
}, 40_000);

test("a number that is none is wrong usage", async () => {
  expect(await cli(["fleet", "simulate", "--hosts", "many"])).toMatchObject({ code: 2 });
});
