import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { grafanaStart } from "../../cli/demo/grafana.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "start-grafana-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (path: string): void => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "#!/bin/sh\nexit 0\n");
  chmodSync(path, 0o755);
};
const ownFiles = (home: string): void => {
  mkdirSync(join(home, "conf"), { recursive: true });
  writeFileSync(join(home, "conf", "defaults.ini"), "");
};
const start = (path: string, more: NodeJS.ProcessEnv = {}) =>
  grafanaStart({
    generated: join(folder, "generated"),
    data: join(folder, "data"),
    prometheusUrl: "http://127.0.0.1:9090",
    collectorUrl: "http://127.0.0.1:9688",
    port: 3000,
    env: { PATH: path, ...more },
  });

test("of the archive: its files are beside bin, also behind a link", () => {
  program(join(folder, "grafana-12/bin/grafana"));
  ownFiles(join(folder, "grafana-12"));
  mkdirSync(join(folder, "bin"));
  symlinkSync(join(folder, "grafana-12/bin/grafana"), join(folder, "bin/grafana"));
  const found = start(join(folder, "bin"))!;
  expect(found).toMatchObject({
    command: join(folder, "bin/grafana"),
    args: ["server", `--homepath=${join(folder, "grafana-12")}`],
    env: {
      GF_SERVER_HTTP_ADDR: "127.0.0.1",
      GF_SERVER_HTTP_PORT: "3000",
      // Nothing is asked of the Internet.
      GF_ANALYTICS_REPORTING_ENABLED: "false",
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
      GF_PLUGINS_PREINSTALL_DISABLED: "true",
      GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: "true",
    },
  });
  for (const it of ["GF_PATHS_PROVISIONING", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    expect(existsSync(found.env[it]!)).toBe(true);
  expect(readFileSync(found.env.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!, "utf8")).toContain('"from": "now-1h"');
});

test("of a package: under share; the old name takes no command", () => {
  program(join(folder, "usr/bin/grafana-server"));
  ownFiles(join(folder, "usr/share/grafana"));
  expect(start(join(folder, "usr/bin"))!.args).toEqual([`--homepath=${join(folder, "usr/share/grafana")}`]);
});

test("where it is told", () => {
  program(join(folder, "bin/grafana"));
  ownFiles(join(folder, "elsewhere"));
  expect(start(join(folder, "bin"), { GF_PATHS_HOME: join(folder, "elsewhere") })!.args).toEqual([
    "server",
    `--homepath=${join(folder, "elsewhere")}`,
  ]);
});

test("none on the PATH: the files are there all the same", () => {
  expect(start(join(folder, "nothing"))).toBeUndefined();
  expect(existsSync(join(folder, "generated/provisioning/datasources/activation-monitor.yaml"))).toBe(true);
});
