import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { cli, ROOT } from "../support/cli.ts";
import { seriesOf } from "../support/facts.ts";
import { keeping, ownFolder } from "../support/keep.ts";
import { freePort } from "../support/processes.ts";
import { until } from "../support/until.ts";

const keep = keeping();
const folder = ownFolder("npm-package");

/** The program that the package's `bin` names, as npm installs it: plain JavaScript beside its dependencies. */
let bin: string;
let root: string;
/** Packed once: it takes seconds. */
let tarball: string;
beforeAll(() => {
  const packed = mkdtempSync(join(tmpdir(), "npm-packed-"));
  const npm = process.env.npm_execpath;
  const [command, before] = npm ? [process.execPath, [npm]] : ["npm", []];
  execFileSync(command, [...before, "pack", "--loglevel=error", "--pack-destination", packed], { cwd: ROOT });
  tarball = join(packed, readdirSync(packed).find((it) => it.endsWith(".tgz"))!);
}, 120_000);
afterAll(() => rmSync(dirname(tarball), { recursive: true, force: true }));
beforeEach(() => {
  const modules = join(folder(), "node_modules");
  mkdirSync(modules);
  for (const it of readdirSync(join(ROOT, "node_modules")))
    symlinkSync(join(ROOT, "node_modules", it), join(modules, it));
  execFileSync("tar", ["-xzf", tarball, "--one-top-level=node_modules/activation-monitor", "--strip-components=1"], {
    cwd: folder(),
  });
  root = join(modules, "activation-monitor");
  const { bin: programs } = createRequire(import.meta.url)(join(root, "package.json")) as {
    bin: Record<string, string>;
  };
  bin = join(root, programs["activation-monitor"]!);
});

test("npm's package runs: version, a build of alerts, a collector with its thread, a fleet that reports to it", async () => {
  const run = (...args: string[]) => execFileSync(process.execPath, [bin, ...args], { encoding: "utf8" });
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(run("--version").trim()).toBe(version);
  expect(readFileSync(bin, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");

  const [built, ours] = [join(folder(), "built"), join(folder(), "ours")];
  run("alerts", "build", "--out", built);
  expect((await cli(["alerts", "build", "--out", ours])).code).toBe(0);
  const file = "activation-alerts.rules.yaml";
  expect(readFileSync(join(built, file), "utf8")).toBe(readFileSync(join(ours, file), "utf8"));

  const [otlp, web] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const collector = spawn(process.execPath, [bin, "collector", "run"], {
    env: {
      ...process.env,
      ACTIVATION_OTLP_LISTEN: otlp,
      ACTIVATION_HTTP_LISTEN: web,
      ACTIVATION_STORE_URL: `sqlite:${join(folder(), "a.db")}`,
    },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => collector.on("close", resolve));
  keep({
    stop: () => {
      collector.kill();
      return ended;
    },
  });
  await until(async () => {
    if (collector.exitCode !== null) throw new Error(`The collector ended with code ${collector.exitCode}.`);
    return fetch(`http://${web}/metrics`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  run("fleet", "simulate", "--hosts", "20", "--once", "--url", `http://${otlp}`);
  const series = seriesOf(await (await fetch(`http://${web}/metrics`)).text());
  const computers = [...series].filter(([name]) => name.startsWith("activation_computers{"));
  // 20 and their four KMS hosts.
  expect(computers.reduce((sum, [, value]) => sum + value, 0)).toBe(24);
}, 60_000);

/** A Node of this computer's own that is too old for the program itself; the package brings its own. */
const OLD_NODE = ["/usr/bin/node", "/usr/local/bin/node"].find((it) => {
  const { stdout, status } = spawnSync(it, ["--version"], { encoding: "utf8" });
  return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) < 24;
});

(OLD_NODE ? describe : describe.skip)("started by an old Node", () => {
  const VERSION = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;

  test("the command runs on the Node 24 that npm installed with it, and ends as the program does", async () => {
    const run = (...args: string[]) => spawnSync(OLD_NODE!, [bin, ...args], { encoding: "utf8" });
    const version = run("--version");
    expect([version.status, version.stdout.trim(), version.stderr]).toEqual([0, VERSION, ""]);
    expect(run("no-such-command").status).toBe(2);
    expect(spawnSync(OLD_NODE!, [bin, "events", "parse", "-"], { encoding: "utf8", input: "<Events/>" }).status).toBe(
      0,
    );
  });

  test("a signal that reaches the command alone ends the program in order", async () => {
    const collector = spawn(OLD_NODE!, [bin, "collector", "run"], {
      env: {
        ...process.env,
        ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
        ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
        ACTIVATION_STORE_URL: `sqlite:${join(folder(), "a.db")}`,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise((resolve) => collector.on("close", (code, signal) => resolve([code, signal])));
    let log = "";
    collector.stderr.on("data", (it) => {
      log += it;
    });
    await until(async () => log.includes("OTLP on"));
    collector.kill("SIGTERM");
    // The program closed its store and ended with 0, not by the signal.
    expect(await ended).toEqual([0, null]);
  });

  test("without Node 24 it says in one sentence what is needed", () => {
    for (const it of readdirSync(join(root, "..")).filter((name) => name.startsWith("node-")))
      rmSync(join(root, "..", it));
    const { status, stdout, stderr } = spawnSync(OLD_NODE!, [bin, "--version"], { encoding: "utf8" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^activation-monitor: Node 24 or later is needed, and this is Node \d+[^\n]*\n$/);
  });
});

test("every thread that a file starts is in the package", () => {
  const starters = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((it) => it.endsWith(".js"));
  const threads = starters.flatMap((it) => {
    const text = readFileSync(join(root, it), "utf8");
    return [...text.matchAll(/\.\/([\w-]+)\$\{extname\(import\.meta\.url\)\}/g)].map((found) =>
      join(it, "..", `${found[1]}.js`),
    );
  });
  expect(threads.length).toBeGreaterThanOrEqual(4);
  expect(starters).toEqual(expect.arrayContaining(threads));
  // Nothing names a source: Node strips no types under node_modules.
  const sources = starters.filter((it) =>
    /(?:from|import\(|URL\() ?["'`][^"'`]*\.ts["'`]/.test(readFileSync(join(root, it), "utf8")),
  );
  expect(sources).toEqual([]);
});
