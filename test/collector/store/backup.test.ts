import { spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "@jest/globals";
import { copyDatabase } from "../../../collector/store/backup/copy-database.ts";
import { cli, MAIN } from "../../support/cli.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { seriesOf } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { until } from "../../support/until.ts";

const keep = keeping();
const folder = ownFolder("backup");
const store = () => join(folder(), "c/activation.db");
const environment = () => ({ ACTIVATION_STORE_URL: `sqlite:${store()}` });
const ours = (...args: string[]) => cli(["collector", ...args], { env: environment() });
const collector = async (): Promise<Running> => {
  const it = await runningCollector("", join(folder(), "c"));
  // `stop` would remove its folder.
  const running = { ...it, stop: it.kill };
  keep(running);
  return running;
};
const simulate = (url: string, hosts: number) =>
  cli(["fleet", "simulate", "--once", "--hosts", String(hosts), "--url", url]);
const fleetMetrics = async (url: string): Promise<[string, number][]> => {
  const series = seriesOf(await (await fetch(`${url}/metrics`)).text());
  return [...series].filter(([name]) => /^activation_(computers|kms_table_clients)\{/.test(name)).sort();
};
const rows = (file: string): number => {
  const db = new DatabaseSync(file, { readOnly: true });
  const { n } = db.prepare("select count(*) as n from computers").get() as { n: number };
  db.close();
  return n;
};

test("a backup of a running collector is restored: the same metrics, and what was there is kept", async () => {
  const first = await collector();
  expect((await simulate(first.otlpUrl, 20)).code).toBe(0);
  const before = await fleetMetrics(first.webUrl);
  expect(before.length).toBeGreaterThan(3);
  const file = join(folder(), "b.db");
  const made = await ours("backup", "--out", file);
  expect(made).toEqual({
    code: 0,
    out: expect.stringMatching(/^\S+b\.db: \d+\.\d MB, SHA-256 [0-9a-f]{64}\n$/),
    err: "",
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${file}.sha256`, "utf8")).toMatch(/^[0-9a-f]{64} {2}b\.db\n$/);
  expect(readdirSync(folder()).sort()).toEqual(["b.db", "b.db.sha256", "c"]);

  // Meanwhile the fleet goes on, and the restored store must know nothing of that.
  expect((await simulate(first.otlpUrl, 60)).code).toBe(0);
  const refused = await ours("restore", file);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("another collector or import is using it")]);
  await first.kill();
  const restored = await ours("restore", file);
  expect([restored.code, restored.err]).toEqual([0, ""]);
  expect(restored.out).toMatch(
    /activation\.db is the backup \S+b\.db now; what was there is \S+before-restore-\d{8}T\d{6}Z\n$/,
  );
  const kept = readdirSync(join(folder(), "c")).find((it) => /before-restore-\w+$/.test(it))!;
  expect(rows(join(folder(), "c", kept))).toBeGreaterThan(rows(store()));

  const second = await collector();
  expect(await fleetMetrics(second.webUrl)).toEqual(before);
}, 90_000);

test("a copy is the database at one instant, however much is written meanwhile", async () => {
  const [file, to] = [join(folder(), "a.db"), join(folder(), "copy.db")];
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode = wal; create table pairs (at, n, filler); begin");
  const insert = db.prepare("insert into pairs values (?, ?, randomblob(900))");
  for (let i = 0; i < 20_000; i += 1) insert.run("before", i);
  db.exec("commit");
  let steps = 0;
  await copyDatabase(file, to, {
    signal: new AbortController().signal,
    progress: () => {
      steps += 1;
      db.exec(
        "begin; update pairs set at = 'after' where n < 5000; insert into pairs values ('after', -1, null); commit",
      );
    },
  });
  db.close();
  expect(steps).toBeGreaterThanOrEqual(2);
  const copy = new DatabaseSync(to);
  expect({ ...copy.prepare("select count(*) as n, min(at) as first, max(at) as last from pairs").get() }).toEqual({
    n: 20_000,
    first: "before",
    last: "before",
  });
  expect({ ...copy.prepare("pragma journal_mode").get() }).toEqual({ journal_mode: "delete" });
  copy.close();
});

(process.getuid?.() === 0 ? test : test.skip)(
  "what root restores belongs to the account of the collector",
  async () => {
    await (await collector()).kill();
    const file = join(folder(), "b.db");
    expect((await ours("backup", "--out", file)).code).toBe(0);
    for (const it of ["", ".lock"]) rmSync(`${store()}${it}`, { force: true });
    chownSync(join(folder(), "c"), 4711, 4712);
    expect((await ours("restore", file)).code).toBe(0);
    for (const it of ["", ".lock"]) expect(statSync(`${store()}${it}`)).toMatchObject({ uid: 4711, gid: 4712 });
  },
);

test("an interrupted backup leaves nothing", async () => {
  const file = join(folder(), "a.db");
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode = wal; create table t (filler); begin");
  for (let i = 0; i < 20_000; i += 1) db.exec("insert into t values (randomblob(900))");
  db.exec("commit");
  db.close();
  const ended = new AbortController();
  const copying = copyDatabase(file, join(folder(), "copy.db"), {
    signal: ended.signal,
    progress: () => ended.abort(),
  });
  await expect(copying).rejects.toThrow(/abort/i);
  expect(readdirSync(folder()).filter((it) => it.startsWith("copy"))).toEqual([]);
});

test("into a folder: named by time, with JSON, and only the newest are kept", async () => {
  await (await collector()).kill();
  const backups = join(folder(), "backups");
  mkdirSync(backups);
  const old = ["activation-20200101T000000Z.db", "activation-20200102T000000Z.db"];
  for (const it of [...old, `${old[0]}.sha256`, "other.db"]) writeFileSync(join(backups, it), "");
  const { code, out } = await ours("backup", "--out", backups, "--keep", "2", "--json");
  expect(code).toBe(0);
  const { file, bytes, sha256, removed } = JSON.parse(out);
  expect(basename(file)).toMatch(/^activation-\d{8}T\d{6}Z\.db$/);
  expect([bytes, removed]).toEqual([statSync(file).size, [old[0]]]);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(backups).sort()).toEqual([old[1], basename(file), `${basename(file)}.sha256`, "other.db"].sort());
});

test.each<[string, string[], Record<string, string>, number, RegExp]>([
  [
    "no database",
    ["backup", "--out", "x.db"],
    {},
    1,
    /x\.db was not written: There is no database \S+activation\.db\./,
  ],
  [
    "a database server",
    ["backup", "--out", "x.db"],
    { ACTIVATION_STORE_URL: "sqlite::memory:" },
    2,
    /in memory cannot/,
  ],
  ["no --out", ["backup"], {}, 2, /--out/],
  ["--keep with a file", ["backup", "--out", "x.db", "--keep", "3"], {}, 1, /x\.db is no folder; --keep needs one/],
  ["a backup that is not there", ["restore", "none.db"], {}, 1, /none\.db cannot be restored: there is no such file/],
])("%s: one sentence and exit code", async (_, args, env, expected, words) => {
  const { code, err } = await cli(["collector", ...args], { env: { ...environment(), ...env } });
  expect([code, err]).toEqual([expected, expect.stringMatching(words)]);
  expect(existsSync("x.db")).toBe(false);
});

test("an existing file is not overwritten", async () => {
  const file = join(folder(), "b.db");
  writeFileSync(file, "kept");
  const { code, err } = await ours("backup", "--out", file);
  expect([code, err]).toEqual([1, expect.stringContaining("b.db exists already")]);
  expect(readFileSync(file, "utf8")).toBe("kept");
});

test("a backup that is damaged, foreign or newer changes nothing", async () => {
  await (await collector()).kill();
  const [file, original] = [join(folder(), "b.db"), readFileSync(store())];
  expect((await ours("backup", "--out", file)).code).toBe(0);
  const restore = async (words: string) => {
    const { code, err } = await ours("restore", file);
    expect([code, err]).toEqual([1, expect.stringContaining(words)]);
    expect(readFileSync(store())).toEqual(original);
  };
  truncateSync(file, 8_192);
  await restore("is not the file that");
  writeFileSync(`${file}.sha256`, "");
  await restore("is not the file that");
  const foreign = (version: number) => {
    writeFileSync(file, "");
    const db = new DatabaseSync(file);
    db.exec(`create table t (a); pragma user_version = ${version}`);
    db.close();
  };
  rmSync(`${file}.sha256`);
  foreign(0);
  await restore("no database of a collector");
  foreign(999);
  await restore("written by a newer version");
  writeFileSync(file, "text");
  await restore("cannot be restored: file is not a database");
});

test("Ctrl-C during a backup ends it with one sentence", async () => {
  const file = join(folder(), "a.db");
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode = wal; create table t (filler); begin");
  for (let i = 0; i < 60_000; i += 1) db.exec("insert into t values (randomblob(3900))");
  db.exec("commit");
  db.close();
  const to = join(folder(), "b.db");
  const child = spawn(process.execPath, [MAIN, "collector", "backup", "--out", to], {
    env: { ...process.env, ACTIVATION_STORE_URL: `sqlite:${file}` },
  });
  let err = "";
  child.stderr.on("data", (it) => {
    err += it;
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  await until(async () => existsSync(`${to}.partial`));
  child.kill("SIGINT");
  expect([await ended, err]).toEqual([1, expect.stringContaining("b.db was not written: interrupted.\n")]);
  expect(readdirSync(folder())).not.toContain("b.db.partial");
}, 60_000);
