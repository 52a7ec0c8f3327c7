import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { buildDashboards } from "../../dashboards/build.ts";

/** How Grafana is started here: its files generated, its data in our folder, everybody on this computer may look. */
export interface GrafanaStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Generates dashboards and provisioning into `generated`, and tells how to start the Grafana that is on the PATH.
 * Settings go by environment: https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 *
 * @returns undefined where there is none, or where it cannot be seen in which folder its own files are.
 */
export const grafanaStart = (options: {
  readonly generated: string;
  readonly data: string;
  readonly prometheusUrl: string;
  /** The collector's pages: names of computers lead there. */
  readonly collectorUrl: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
}): GrafanaStart | undefined => {
  const { generated, data, prometheusUrl, collectorUrl, port, env } = options;
  // What has just begun to be watched would be a sliver at the edge of a week.
  buildDashboards(generated, { from: "now-1h", collector: collectorUrl }, { prometheus: prometheusUrl });
  const found = onPath(["grafana", "grafana-server"], env);
  const home = found && homeOf(found.file, env);
  if (!found || !home) return undefined;
  return {
    command: found.file,
    args: [...(found.name === "grafana" ? ["server"] : []), `--homepath=${home}`],
    env: {
      GF_PATHS_DATA: data,
      GF_PATHS_LOGS: join(data, "log"),
      GF_PATHS_PLUGINS: join(data, "plugins"),
      GF_PATHS_PROVISIONING: join(generated, "provisioning"),
      GF_SERVER_HTTP_ADDR: "127.0.0.1",
      GF_SERVER_HTTP_PORT: String(port),
      GF_AUTH_ANONYMOUS_ENABLED: "true",
      GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: join(generated, "dashboards", "activation-fleet.json"),
      GF_ANALYTICS_REPORTING_ENABLED: "false",
      // Grafana asks nothing of the Internet: no updates, no plugins, no keys of their signatures, no news, no pictures.
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
      GF_PLUGINS_PREINSTALL_DISABLED: "true",
      GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: "true",
      GF_PLUGINS_PLUGIN_ADMIN_ENABLED: "false",
      GF_NEWS_NEWS_FEED_ENABLED: "false",
      GF_SECURITY_DISABLE_GRAVATAR: "true",
    },
  };
};

const onPath = (names: readonly string[], env: NodeJS.ProcessEnv): { name: string; file: string } | undefined => {
  const suffix = process.platform === "win32" ? ".exe" : "";
  for (const name of names)
    for (const folder of (env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name + suffix);
      if (folder && existsSync(file) && spawnSync(file, ["--version"], { stdio: "ignore" }).status === 0)
        return { name, file };
    }
  return undefined;
};

/** Grafana needs the folder with its `conf/defaults.ini`: beside `bin` in the archive, under `share` in packages. */
const homeOf = (file: string, env: NodeJS.ProcessEnv): string | undefined => {
  const real = dirname(dirname(realpathSync(file)));
  const linked = dirname(dirname(file));
  return [
    env.GF_PATHS_HOME,
    real,
    join(real, "share", "grafana"),
    join(linked, "share", "grafana"),
    "/usr/share/grafana",
  ]
    .filter((it) => it !== undefined)
    .find((it) => existsSync(join(it, "conf", "defaults.ini")));
};
