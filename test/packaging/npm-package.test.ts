import { execFileSync, spawn, spawnSync } from "node:child_process";
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { cli, ROOT } from "../support/cli.ts";
import { seriesOf } from "../support/facts.ts";
import { keeping, ownFolder } from "../support/keep.ts";
import { freePort } from "../support/processes.ts";
import { until } from "../support/until.ts";

const keep = keeping();
const folder = ownFolder("npm-package");

/** The command as `npm install -g` makes it. */
let bin: string;
let root: string;
/** Packed and installed once: it takes seconds. */
let prefix: string;
const npm = (...args: string[]) => {
  const { npm_execpath: script } = process.env;
  const [command, before] = script ? [process.execPath, [script]] : ["npm", []];
  return execFileSync(command, [...before, ...args], { cwd: ROOT, encoding: "utf8" });
};
beforeAll(() => {
  prefix = mkdtempSync(join(tmpdir(), "npm-package-"));
  npm("pack", "--loglevel=error", "--pack-destination", prefix);
  const tarball = join(prefix, readdirSync(prefix).find((it) => it.endsWith(".tgz"))!);
  // It has no dependency that a closed network would lack.
  npm("install", "--global", "--prefix", prefix, "--offline", "--no-audit", "--loglevel=error", tarball);
  root = join(prefix, "lib/node_modules/activation-monitor");
  bin = join(prefix, "bin/activation-monitor");
}, 120_000);
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

test("it is small: no dependencies, some 12 MB", () => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect([dependencies, optionalDependencies]).toEqual([undefined, undefined]);
  expect(readdirSync(join(prefix, "lib/node_modules"))).toEqual(["activation-monitor"]);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  expect(files.reduce((sum, it) => sum + statSync(join(root, it)).size, 0)).toBeLessThan(16e6);
});

test("the licenses of everything in it are in it, and each allows to ship it", () => {
  const notices = readFileSync(join(root, "dist/program/THIRD-PARTY-NOTICES.txt"), "utf8");
  const packages = [...notices.matchAll(/^(\S+) v?(\d+\.\d+\.\d+\S*) \((.+)\)$/gm)];
  const names = packages.map(([, name]) => name!);
  expect(names).toEqual(expect.arrayContaining(["fastify", "koffi", "@grafana/grafana-foundation-sdk", "zod"]));
  const allowed = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD"];
  expect(packages.filter(([, , , license]) => !allowed.includes(license!)).map(([it]) => it)).toEqual([]);
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
  const env = {
    ...process.env,
    ACTIVATION_OTLP_LISTEN: otlp,
    ACTIVATION_HTTP_LISTEN: web,
    ACTIVATION_STORE_URL: `sqlite:${join(folder(), "a.db")}`,
  };
  const collector = spawn(process.execPath, [bin, "collector", "run"], { env, stdio: "ignore" });
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
  const computers = [...series].filter(
    ([name]) => name.startsWith("activation_computers{") && name.includes('source="agent"'),
  );
  // 20 and their four KMS hosts.
  expect(computers.reduce((sum, [, value]) => sum + value, 0)).toBe(24);

  // The lock that holds under another name of the store needs koffi's native module.
  linkSync(join(folder(), "a.db"), join(folder(), "b.db"));
  const collectorOn = (store: string) =>
    spawnSync(process.execPath, [bin, "collector", "run"], {
      env: {
        ...env,
        ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
        ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
        ACTIVATION_STORE_URL: store,
      },
      timeout: 10_000,
      encoding: "utf8",
    });
  const second = collectorOn(`sqlite:${join(folder(), "b.db")}`);
  expect([second.status, second.stderr]).toEqual([
    1,
    expect.stringMatching(/b\.db cannot be opened: another collector or import is using it/),
  ]);

  // The driver of PostgreSQL is in it: the collector waits for the database until the time is over.
  const third = collectorOn("postgres://monitor@127.0.0.1:1/activation");
  expect([third.status, third.stderr]).toEqual([0, expect.stringMatching(/ECONNREFUSED/)]);
}, 60_000);

/** A Node of this computer's own that is too old for the program itself; the package brings its own. */
const OLD_NODE = ["/usr/bin/node", "/usr/local/bin/node"].find((it) => {
  const { stdout, status } = spawnSync(it, ["--version"], { encoding: "utf8" });
  return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) < 24;
});

(OLD_NODE ? describe : describe.skip)("started by an old Node", () => {
  const VERSION = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;

  const node = `node-linux-${process.arch}`;
  const beside = () => join(prefix, "lib/node_modules", node);
  beforeEach(() => symlinkSync(join(ROOT, "node_modules", node), beside()));
  afterEach(() => rmSync(beside(), { force: true }));

  test("the command runs on the Node 24 that is installed beside it, and ends as the program does", async () => {
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
    rmSync(beside());
    const { status, stdout, stderr } = spawnSync(OLD_NODE!, [bin, "--version"], { encoding: "utf8" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^activation-monitor: Node 24 or later is needed, and this is Node \d+[^\n]*\n$/);
  });
});

test("every thread that a file starts is in the package", () => {
  const program = join(root, "dist/program");
  const files = readdirSync(program).filter((it) => it.endsWith(".js"));
  const threads = files.flatMap((it) =>
    [...readFileSync(join(program, it), "utf8").matchAll(/\.\/([\w-]+)\$\{extname\(import\.meta\.url\)\}/g)].map(
      ([, name]) => `${name}.js`,
    ),
  );
  expect(threads.length).toBeGreaterThanOrEqual(4);
  expect(files).toEqual(expect.arrayContaining(threads));
});
