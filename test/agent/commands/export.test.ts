import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spoolSnapshot } from "../../../agent/spool/snapshot.ts";
import { openSpool } from "../../../agent/spool/spool.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { SECOND } from "../../../licensing/time.ts";
import { bundleFiles, checkBundle } from "../../../offline/bundle-reader.ts";
import { cli, MAIN } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { KMS01, licensing, request, seriesOf } from "../../support/facts.ts";
import { freePort } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

let folder: string;
let spool: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "export-"));
  spool = join(folder, "spool");
  config = join(folder, "agent.yaml");
  configured("http://127.0.0.1:9");
});
afterEach(() => rmSync(folder, { recursive: true }));

const configured = (url: string, more = "") =>
  writeFileSync(
    config,
    `collector: { url: "${url}" }\nzone: lab-contoso\nhost: ${KMS01}\nspool: { directory: ${spool} }\nheartbeat: { kms_host_interval: 200ms }\n${more}`,
  );
const NOW = Date.now() - 60 * SECOND;
const fill = (from: number, to: number, fact: (n: number) => Fact = (n) => request({ at: NOW + n, client: n })) => {
  const it = openSpool(spool, 512 * 1024 * 1024);
  for (let n = from; n < to; n += 1_000)
    it.append(
      Array.from({ length: Math.min(1_000, to - n) }, (_, i) => ({
        host: KMS01,
        observedAt: n + i,
        fact: fact(n + i),
      })),
    );
  it.close();
};
const exported = (...args: string[]) => cli(["agent", "export", "--config", config, ...args]);
const out = (name = "a.tar.gz") => join(folder, name);
const inSpool = () => [...spoolSnapshot(spool)].flat().map((it) => it.observedAt);
/** The client of each 12290 of a bundle, in order. */
const clientsIn = async (file: string) => {
  const clients: number[] = [];
  for await (const { content } of bundleFiles(file, await checkBundle(file)))
    clients.push(...[...content.toString().matchAll(/08c3bda0-c556-4b61-9e4e-(\d{12})/g)].map((it) => Number(it[1])));
  return clients;
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const textOf = (file: string) => gunzipSync(readFileSync(file)).toString();

describe("a spool that no agent has open", () => {
  test("exported twice it gives the same, and stays as it is", async () => {
    fill(1, 1_201);
    const before = readdirSync(spool).map((it) => [it, readFileSync(join(spool, it)).toString("hex")]);
    expect(await exported("--out", out())).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringContaining("1200 records (event 1200;"),
    });
    expect((await exported("--out", out("b.tar.gz"))).code).toBe(0);
    expect(readdirSync(spool).map((it) => [it, readFileSync(join(spool, it)).toString("hex")])).toEqual(before);
    expect(await clientsIn(out())).toEqual(range(1, 1_201));
    expect(await clientsIn(out("b.tar.gz"))).toEqual(range(1, 1_201));
    expect(await checkBundle(out())).toMatchObject({
      content: "spool",
      host: KMS01,
      records: 1_200,
      records_by_kind: { event: 1_200 },
    });
  });
  test("with --clear what was exported has left; what comes later stays", async () => {
    fill(1, 10);
    expect(await exported("--out", out(), "--clear")).toMatchObject({
      code: 0,
      out: expect.stringContaining("is cleared"),
    });
    expect(inSpool()).toEqual([]);
    fill(10, 12);
    expect(inSpool()).toEqual([10, 11]);
    expect((await exported("--out", out("b.tar.gz"), "--clear")).code).toBe(0);
    expect(await clientsIn(out("b.tar.gz"))).toEqual([10, 11]);
  });
  test("an empty one makes a bundle without records; a missing one is told", async () => {
    mkdirSync(spool);
    expect(await exported("--out", out(), "--clear")).toMatchObject({
      code: 0,
      out: expect.stringContaining("The spool is empty"),
    });
    expect(await clientsIn(out())).toEqual([]);
    rmSync(spool, { recursive: true });
    expect(await exported("--out", out("b.tar.gz"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is no spool at"),
    });
    expect(await exported("--out", out("c.tar.gz"), "--redact")).toMatchObject({ code: 2 });
    expect(existsSync(spool)).toBe(false);
    expect(readdirSync(folder).toSorted()).toEqual(["a.tar.gz", "agent.yaml"]);
  });
  test("a relative spool is found beside the configuration, where a service has it", async () => {
    fill(1, 4);
    writeFileSync(config, readFileSync(config, "utf8").replace(spool, "./spool"));
    expect((await exported("--out", out())).code).toBe(0);
    expect(await clientsIn(out())).toEqual([1, 2, 3]);
  });
  test("large records are spread over files that a collector takes by default", async () => {
    fill(0, 40, (n) => licensing([{ ID: String(n), Name: "x".repeat(400_000) }]));
    expect((await exported("--out", out())).code).toBe(0);
    const { files, records } = await checkBundle(out());
    expect(records).toBe(40);
    expect(files.length).toBeGreaterThan(2);
    for (const it of files) expect(it.bytes).toBeLessThan(5 * 1024 * 1024);
  });
  test("what delivery has taken already is not exported", async () => {
    fill(1, 11);
    const it = openSpool(spool, 1024 * 1024);
    it.read({ records: 4, bytes: 1_000_000 })!.leave();
    it.close();
    expect((await exported("--out", out())).code).toBe(0);
    expect(await clientsIn(out())).toEqual(range(5, 11));
  });
});

describe("mistakes", () => {
  test("a file that exists is not overwritten; a directory is no file; no option, no export", async () => {
    fill(1, 3);
    writeFileSync(out(), "precious");
    expect(await exported("--out", out())).toMatchObject({ code: 1, err: expect.stringContaining("exists already") });
    expect(readFileSync(out(), "utf8")).toBe("precious");
    expect(await exported("--out", folder)).toMatchObject({ code: 1, err: expect.stringContaining("is a directory") });
    expect(await exported("--out", join(folder, "no/such/a.tar.gz"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot be written"),
    });
    expect(await exported()).toMatchObject({ code: 2 });
  });
  test("keys that are none", async () => {
    fill(1, 3);
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
    writeFileSync(join(folder, "rsa.pem"), rsa);
    writeFileSync(join(folder, "weak.key"), "password\n");
    for (const [args, why] of [
      [["--sign-key", join(folder, "rsa.pem")], /it is a key of type rsa.*Ed25519/],
      [["--sign-key", config], /no private key/],
      [["--sign-key", join(folder, "none.pem")], /no such file/],
      [["--redact", "--redact-key", join(folder, "weak.key")], /64 hexadecimal digits/],
      [["--redact", "--redact-key", join(folder, "none.key")], /no such file/],
    ] as const)
      expect(await exported("--out", out(), ...args)).toMatchObject({ code: 2, err: expect.stringMatching(why) });
    expect(existsSync(out())).toBe(false);
  });
});

describe("an export that is ended half-way", () => {
  const large = (n: number) => licensing(range(0, 8).map((i) => ({ ID: `${n}-${i}`, Name: "x".repeat(600) })));
  const interruptedBy = async (signal: NodeJS.Signals) => {
    fill(1, 5_001, large);
    const child = spawn(process.execPath, [MAIN, "agent", "export", "--config", config, "--out", out(), "--clear"]);
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(async () => existsSync(`${out()}.partial`));
    child.kill(signal);
    return ended;
  };
  test.each<NodeJS.Signals>(["SIGKILL", "SIGTERM"])(
    "by %s: there is no bundle, the spool is whole, and the next export too",
    async (signal) => {
      expect(await interruptedBy(signal)).toBe(signal === "SIGTERM" ? 1 : null);
      expect(existsSync(out())).toBe(false);
      if (signal === "SIGTERM") expect(existsSync(`${out()}.partial`)).toBe(false);
      expect(inSpool()).toEqual(range(1, 5_001));
      expect((await exported("--out", out(), "--clear")).code).toBe(0);
      expect(existsSync(`${out()}.partial`)).toBe(false);
      expect((await checkBundle(out())).records).toBe(5_000);
      expect(inSpool()).toEqual([]);
    },
  );
});

describe("without names", () => {
  test("none is left in the bundle; the same key gives the same pseudonyms, on every computer that has it", async () => {
    fill(1, 31);
    writeFileSync(join(folder, "site.key"), `${"5e".repeat(32)}\n`);
    for (const [name, ...args] of [["own1"], ["own2"], ["site1", "--redact-key", join(folder, "site.key")]] as const)
      expect((await exported("--out", out(name), "--redact", ...args)).code).toBe(0);
    rmSync(join(spool, "redaction.key"));
    expect((await exported("--out", out("site2"), "--redact", "--redact-key", join(folder, "site.key"))).code).toBe(0);
    expect((await exported("--out", out("own3"), "--redact")).code).toBe(0);
    const host = async (name: string) => (await checkBundle(out(name))).host;
    expect(await host("own1")).toBe(await host("own2"));
    expect(await host("site1")).toBe(await host("site2"));
    expect(new Set([await host("own1"), await host("own3"), await host("site1")]).size).toBe(3);
    for (const it of ["own1", "site1"]) expect(textOf(out(it))).not.toMatch(/contoso|kms01|pc\d/i);
    expect(textOf(out("own1"))).not.toContain("08c3bda0");
    // A zone is no name, unless one can be read in it.
    writeFileSync(config, readFileSync(config, "utf8").replace("lab-contoso", "lab-7"));
    expect((await exported("--out", out("kept"), "--redact")).code).toBe(0);
    expect(textOf(out("kept"))).toContain("lab-7");
    expect((await exported("--out", out("replaced"), "--redact", "--redact-zones")).code).toBe(0);
    expect(textOf(out("replaced"))).not.toContain("lab-7");
  });
});

const line = (client: number) =>
  `${JSON.stringify(normalise(request({ at: NOW + client, client, recordId: client })))}\n`;

describe("a running agent that reaches no collector", () => {
  const agent = () => {
    const child = spawn(process.execPath, [MAIN, "agent", "run", "--config", config], { stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, ended };
  };
  test("exports, clears and carries on; by import and by delivery everything arrives, and counts once", async () => {
    const log = join(folder, "kms.ndjson");
    const port = await freePort();
    configured(`http://127.0.0.1:${port}`, `recorded: { files: [${log}], interval: 50ms, live: true }\n`);
    writeFileSync(log, range(1, 41).map(line).join(""));
    const { child, ended } = agent();
    try {
      await until(
        async () =>
          existsSync(spool) && [...spoolSnapshot(spool)].flat().filter((it) => it.fact.kind === "event").length === 40,
      );
      expect(await exported("--out", out(), "--clear")).toMatchObject({
        code: 0,
        out: expect.stringContaining("is cleared"),
      });
      expect(await clientsIn(out())).toEqual(range(1, 41));
      expect([...spoolSnapshot(spool)].flat().filter((it) => it.fact.kind === "event")).toEqual([]);
      appendFileSync(log, range(41, 61).map(line).join(""));
      const collector = await runningCollector("", undefined, { ACTIVATION_OTLP_LISTEN: `127.0.0.1:${port}` });
      try {
        for (let i = 0; i < 2; i += 1)
          expect(await cli(["collector", "import", out(), "--url", collector.otlpUrl])).toMatchObject({
            code: 0,
            err: "",
          });
        const series = async () => seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
        const labels = `kms_host="${KMS01}",zone="lab-contoso",application="windows"`;
        await until(async () => (await series()).get(`activation_kms_distinct_clients{${labels}}`) === 60);
        // Only what the agent delivered itself counts up.
        expect((await series()).get(`activation_kms_requests_total{${labels},status="licensed"}`)).toBe(20);
        expect((await series()).get(`activation_kms_ledger_complete{${labels}}`)).toBe(1);
      } finally {
        await collector.stop();
      }
    } finally {
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    }
  });
});

test("without a collector events are read and kept for an export, also over a restart", async () => {
  const log = join(folder, "kms.ndjson");
  configured("", `recorded: { files: [${log}], interval: 50ms, live: true }\n`);
  const spooled = () => [...spoolSnapshot(spool)].flat().filter((it) => it.fact.kind === "event").length;
  for (const [from, to] of [
    [1, 21],
    [21, 31],
  ] as const) {
    appendFileSync(log, range(from, to).map(line).join(""));
    const child = spawn(process.execPath, [MAIN, "agent", "run", "--config", config], { stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(async () => existsSync(spool) && spooled() === to - 1);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  }
  expect((await exported("--out", out(), "--clear")).code).toBe(0);
  expect(await clientsIn(out())).toEqual(range(1, 31));
  expect(spooled()).toBe(0);
});

test("tar and curl alone bring a bundle to a collector", async () => {
  fill(1, 601);
  expect((await exported("--out", out())).code).toBe(0);
  const collector = await runningCollector();
  try {
    execFileSync("tar", ["xzf", out(), "-C", folder]);
    for (const file of readdirSync(join(folder, "records")))
      expect(
        await fetch(`${collector.otlpUrl}/v1/logs`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-activation-import": "true" },
          body: readFileSync(join(folder, "records", file)),
        }),
      ).toMatchObject({ status: 200 });
    const series = seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
    expect(
      series.get(`activation_kms_distinct_clients{kms_host="${KMS01}",zone="lab-contoso",application="windows"}`),
    ).toBe(600);
  } finally {
    await collector.stop();
  }
});
