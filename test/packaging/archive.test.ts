import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { packageArchive } from "../../packaging/archive.ts";
import { FIXED_DATE } from "../../packaging/dates.ts";
import { ROOT } from "../support/cli.ts";
import { until } from "../support/until.ts";

let folder: string;
let archive: string;
const program = () => join(folder, "activation-monitor-1.2.3/bin/activation-monitor");
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "archive-test-"));
  archive = join(folder, "archive.tar.gz");
  const platform = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
  await packageArchive({ root: ROOT, out: archive, platform, version: "1.2.3", sourceDateEpoch: FIXED_DATE });
  execFileSync("tar", ["-xzf", archive, "-C", folder]);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the archive runs where it is unpacked, with nothing of this computer's environment", () => {
  const run = (...args: string[]) => execFileSync(program(), args, { encoding: "utf8", env: {}, cwd: "/" });
  expect(run("--version").trim()).toBe("1.2.3");
  expect(run("explain", "12290")).toContain("Event 12290");
});

test("a signal of a service manager ends its collector in order", async () => {
  const collector = spawn(program(), ["collector", "run"], {
    env: {
      ACTIVATION_OTLP_LISTEN: "127.0.0.1:0",
      ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
      ACTIVATION_STORE_URL: `sqlite:${join(folder, "a.db")}`,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => collector.on("close", (code, signal) => resolve([code, signal])));
  let log = "";
  collector.stderr.on("data", (it) => {
    log += it;
  });
  await until(async () => log.includes("OTLP on"));
  // The shell script became the program: no process stands between it and the service manager.
  expect(readFileSync(`/proc/${collector.pid}/cmdline`, "utf8")).toContain("lib/node");
  collector.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("nothing in the archive is of this computer or of this hour", () => {
  const rows = execFileSync("tar", ["-tvzf", archive, "--utc"], { encoding: "utf8" }).trim().split("\n");
  const columns = rows.map((it) => /^(\S+) (\S+) +\d+ (\S+ \S+) (.+)$/.exec(it)!.slice(1));
  const paths = columns.map(([, , , path]) => path!);
  // A folder's files follow the folder, before the next name.
  const place = (path: string) => path.replaceAll("/", "\0");
  expect(paths).toEqual([...paths].sort((a, b) => (place(a) < place(b) ? -1 : 1)));
  expect(new Set(columns.map(([, owner, time]) => `${owner} ${time}`))).toEqual(new Set(["0/0 2020-01-01 00:00"]));
  expect(new Set(columns.map(([mode]) => mode))).toEqual(new Set(["drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--"]));
  expect(paths).toEqual(
    expect.arrayContaining(
      ["LICENSE", "THIRD-PARTY-NOTICES.txt", "docs/configuration.md", "lib/node"].map(
        (it) => `activation-monitor-1.2.3/${it}`,
      ),
    ),
  );
});
