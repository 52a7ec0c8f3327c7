import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { csvLine, snapshotRows } from "../../../collector/client/snapshot-rows.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { MINUTE } from "../../../licensing/time.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, heartbeat, licensing, OFFICE16, product } from "../../support/facts.ts";

let collector: Running;
let folder: string;
const NOW = Date.now() - 5 * MINUTE;
const COMPUTERS = 1_200;
beforeAll(async () => {
  collector = await runningCollector("retire: { names: [gone*] }\n");
  const post = async (host: string, facts: readonly Fact[]) => {
    const body = Buffer.from(encodeLogs([fromAgent(host, facts, NOW, { zone: "core" })]));
    const headers = { "content-type": "application/x-protobuf" };
    const { status } = await fetch(`${collector.otlpUrl}/v1/logs`, { method: "POST", headers, body });
    expect(status).toBe(200);
  };
  await post("a.contoso.com", [
    licensing([
      product(),
      product({
        ID: OFFICE16,
        ApplicationID: "0ff1ce15-a989-479d-af46-f275c6370663",
        Name: "Office 16, Office16ProPlusVL_KMS_Client edition",
      }),
    ]),
  ]);
  await post("gone1.contoso.com", [licensing()]);
  await post("pc7.contoso.com", [heartbeat(NOW)]);
  // More than one page of the API.
  for (let at = 0; at < COMPUTERS; at += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => post(`pc${String(at + i).padStart(5, "0")}.contoso.com`, [licensing()])),
    );
}, 120_000);
afterAll(() => collector.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snapshot-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const taken = (file: string, ...args: string[]) =>
  cli(["collector", "snapshot", "--out", join(folder, file), "--url", collector.webUrl, ...args]);
const sumOf = (file: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, file)))
    .digest("hex");

test("CSV: every license of every computer, over several pages, with a checksum", async () => {
  const ran = await taken("s.csv");
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(ran.out).toContain(
    `${COMPUTERS + 2} computers, ${COMPUTERS + 3} rows, 1 retired left out, SHA-256 ${sumOf("s.csv")}`,
  );
  expect(readFileSync(join(folder, "s.csv.sha256"), "utf8")).toBe(`${sumOf("s.csv")}  s.csv\n`);
  expect(readdirSync(folder).toSorted()).toEqual(["s.csv", "s.csv.sha256"]);
  const rows = parse(readFileSync(join(folder, "s.csv")), { columns: true }) as Record<string, string>[];
  expect(new Set(rows.map((it) => it.computer)).size).toBe(COMPUTERS + 2);
  expect(rows.filter((it) => it.computer === "a.contoso.com")).toEqual([
    expect.objectContaining({
      application: "windows",
      zone: "core",
      status: "licensed",
      primary: "yes",
      source: "agent",
    }),
    expect.objectContaining({ application: "office", edition: "Office16ProPlusVL_KMS_Client", channel: "kms_client" }),
  ]);
  expect(rows.find((it) => it.computer === "pc7.contoso.com")).toMatchObject({ product: "", status: "" });
}, 60_000);

test("JSON has the same rows", async () => {
  expect(await taken("s.json", "--json")).toMatchObject({ code: 0 });
  const { taken_at, items } = JSON.parse(readFileSync(join(folder, "s.json"), "utf8"));
  expect(Date.parse(taken_at)).toBeGreaterThan(NOW);
  expect(items).toHaveLength(COMPUTERS + 3);
  expect(items[0]).toMatchObject({ computer: "a.contoso.com", application: "windows", status: "licensed" });
}, 60_000);

test.each([
  [["--format", "xml"], 2, "choices"],
  [["--url", "http://127.0.0.1:1"], 1, "cannot be reached"],
])("with %p it ends with %d and leaves nothing behind", async (args, code, message) => {
  expect(await taken("s.csv", ...args)).toMatchObject({ code, err: expect.stringContaining(message) });
  expect(readdirSync(folder)).toEqual([]);
});

test("a file that exists is not overwritten", async () => {
  writeFileSync(join(folder, "s.csv"), "old");
  expect(await taken("s.csv")).toMatchObject({ code: 1, err: expect.stringContaining("exists already") });
  expect(readFileSync(join(folder, "s.csv"), "utf8")).toBe("old");
  expect(existsSync(join(folder, "s.csv.sha256"))).toBe(false);
});

test.each([
  [["a", "b,c", 'd"e'], 'a,"b,c","d""e"\r\n'],
  [["=1+1", "-2", "@x", "+3"], "'=1+1,'-2,'@x,'+3\r\n"],
  [["two\r\nlines", ""], '"two\r\nlines",\r\n'],
])("%p as a line of CSV", (values, line) => {
  expect(csvLine(values)).toBe(line);
});

test("a retired computer has no row", () => {
  const computer = { computer: "pc", zone: "core", last_seen: "", source: "agent", licenses: [] } as const;
  expect(snapshotRows(computer, "")).toHaveLength(1);
  expect(snapshotRows({ ...computer, retired: true }, "")).toEqual([]);
});
