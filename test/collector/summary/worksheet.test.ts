import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readInventory } from "../../../collector/summary/inventory.ts";
import { DAY } from "../../../licensing/time.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, licensing, product, seriesOf } from "../../support/facts.ts";

const zoneOf = (computer: string, said?: string) => (computer.startsWith("lab") ? "lab" : (said ?? "unassigned"));

describe("an inventory", () => {
  test.each([
    ["numbers", "Zone,Computers\ncore,10\nlab,3\ncore,5\n", { core: 15, lab: 3 }],
    [
      "one computer a line, with semicolons and a mark",
      "\ufeffcomputer;zone;os\nPC1;core;11\nlab-1;core;\n\npc2;;\n",
      { core: 1, lab: 1, unassigned: 1 },
    ],
    ["quotes", 'computer,note\npc1,"a, b"\n', { unassigned: 1 }],
  ])("by %s", (_, text, expected) => {
    expect(Object.fromEntries(readInventory("f.csv", text, zoneOf))).toEqual(expected);
  });
  test.each([
    ["name,site\npc1,x\n", "must name the columns"],
    ["zone,computers\ncore,many\n", "f.csv, row 1: computers must be a whole number"],
    ["zone,computers\ncore,1\nbad zone!,1\n", "f.csv, row 2"],
    ["computer,zone\n,core\n", "computer is empty"],
    ['computer,zone\n"pc1,core\n', "not CSV"],
  ])("%j is refused", (text, expected) => {
    expect(() => readInventory("f.csv", text, zoneOf)).toThrow(expected);
  });
  test("one computer three times counts once", () => {
    const text = "computer,zone\npc9.contoso.com,x\nPC9.contoso.com.,x\npc9.contoso.com,y\n";
    expect(Object.fromEntries(readInventory("f.csv", text, () => "unassigned"))).toEqual({ x: 1 });
  });
  test.each(["zone,computers", "computer,zone"])("5,000 zones of %s are 100, and none is learned from it", (header) => {
    const rows = Array.from({ length: 5_000 }, (_, i) => (header === "zone,computers" ? `z${i},1` : `pc${i},z${i}`));
    const learned: unknown[] = [];
    const text = `${header}\n${header === "zone,computers" ? "big,7" : Array.from({ length: 7 }, (_, i) => `b${i},big`).join("\n")}\n${rows.join("\n")}`;
    const read = readInventory("f.csv", text, (_, said) => {
      if (said !== undefined) learned.push(said);
      return "unassigned";
    });
    expect(read.size).toBe(100);
    expect(read.get("big")).toBe(7);
    expect([...read.values()].reduce((sum, it) => sum + it, 0)).toBe(5_007);
    expect(learned).toEqual([]);
  });
});

let folder: string;
let file: string;
let collector: Running;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "worksheet-"));
  file = join(folder, "inventory.csv");
  writeFileSync(file, "zone,computers\ncore,4\nlab-7,2\n");
  collector = await runningCollector(
    `zones: [{ name: core, kind: core }, { name: lab-7, kind: lab, computers: [lab7-*] }]\ninventory: { file: ${file} }`,
  );
  const { status } = await fetch(`${collector.otlpUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeLogs([
      fromAgent("pc1.contoso.com", [licensing()], Date.now()),
      fromAgent("pc2.contoso.com", [licensing()], Date.now() - 200 * DAY),
      fromAgent(
        "pc3.contoso.com",
        [licensing([product({ Description: "Windows, VOLUME_MAK channel", GracePeriodRemaining: 0 })])],
        Date.now(),
      ),
      fromAgent("lab7-1.contoso.com", [licensing([product({ LicenseStatus: 5 })])], Date.now()),
    ]),
  });
  expect(status).toBe(200);
});
afterEach(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true });
});

test("Table 2 from live data: as figures, by the API, and on the command line", async () => {
  const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
  const row = (zone: string, criterion: string, method: string) =>
    series.get(`activation_worksheet_computers{zone="${zone}",criterion="${criterion}",method="${method}"}`);
  expect(row("core", "total", "")).toBe(4);
  expect(row("core", "connects_every_180_days", "kms")).toBe(1);
  expect(row("core", "does_not_connect", "mak")).toBe(1);
  expect(row("core", "remaining", "")).toBe(2);
  expect(row("lab-7", "lab_not_activated", "none")).toBe(1);
  const printed = await cli(["collector", "worksheet", "--url", collector.webUrl]);
  expect(printed).toMatchObject({ code: 0, err: "" });
  expect(printed.out).toMatch(/^core \(core\)\n {2}1 {2}Computers to be activated .* 4\n/);
  expect(printed.out).toContain("→ 2 computers are in the inventory but not activated");
  const csv = await cli(["collector", "worksheet", "--url", collector.webUrl, "--format", "csv"]);
  expect(csv.out.split("\r\n")).toContain("core,core,2,connects_every_180_days,kms,1");
  const json = await cli(["collector", "worksheet", "--url", collector.webUrl, "--json"]);
  expect(JSON.parse(json.out).items[1]).toMatchObject({ zone: "lab-7", kind: "lab" });
});

test("a mistake in the inventory is told, and what was read last stays good", async () => {
  appendFileSync(file, "core,many\n");
  const printed = await cli(["collector", "worksheet", "--url", collector.webUrl]);
  expect(printed.err).toContain("row 3: computers must be a whole number");
  expect(printed.out).toMatch(/Computers to be activated .* 4\n/);
});

test("an inventory that cannot be read at the start is told with its key", async () => {
  await expect(runningCollector("inventory: { file: /nowhere.csv }")).rejects.toThrow("inventory.file /nowhere.csv");
});

test("nothing listens there: a sentence and code 1", async () => {
  expect(await cli(["collector", "worksheet", "--url", "http://127.0.0.1:9"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("cannot be reached"),
  });
});
