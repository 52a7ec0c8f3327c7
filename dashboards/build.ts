import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { stringify } from "yaml";
import { whatRunsOut, whatUsersSee } from "./deadlines.ts";
import { causes, conditions } from "./failures.ts";
import { overview } from "./fleet.ts";
import {
  type Addresses,
  type DashboardName,
  type FrameOptions,
  framed,
  type Section,
  UIDS,
  type VariableName,
} from "./frame.ts";
import { hosts } from "./hosts.ts";
import * as keys from "./keys.ts";
import * as kms from "./kms.ts";
import { activations, licenses } from "./license.ts";
import { en } from "./locales/en.ts";
import * as pipeline from "./pipeline.ts";
import * as planning from "./planning.ts";

export interface BuildOptions extends Partial<FrameOptions> {}

/** Each dashboard as Grafana's JSON (classic schema, read by Grafana 12 and 13). */
export const dashboards = ({ words = en, from, ...links }: BuildOptions = {}): Record<DashboardName, Dashboard> => {
  // A collector serves the runbook.
  const runbook = links.runbook ?? (links.collector && `${links.collector}/runbook`);
  const addresses: Addresses = { runbook, collector: links.collector };
  // Counts change in days; whether the pipeline works is a question of today.
  const options: FrameOptions = { words, from: from ?? "now-7d", ...addresses };
  const today: FrameOptions = { ...options, from: from ?? "now-24h" };
  const board = (name: DashboardName, variables: readonly VariableName[], ...sections: Section[]) =>
    framed(name, variables, sections, name === "pipeline" ? today : options);
  return {
    fleet: board("fleet", ["zone"], overview(words, addresses), licenses(words), activations(words)),
    kms: board(
      "kms",
      ["zone", "kms_host", "product_class"],
      kms.standing(words),
      kms.counts(words),
      kms.requests(words),
      hosts(words),
    ),
    deadlines: board("deadlines", ["zone"], whatRunsOut(words, links.collector), whatUsersSee(words)),
    failures: board("failures", ["zone", "kms_host"], causes(words), conditions(words)),
    planning: board("planning", ["zone"], planning.tables(words)),
    keys: board("keys", ["zone"], keys.mak(words), keys.hostKeys(words)),
    pipeline: board("pipeline", ["zone"], pipeline.trust(words), pipeline.agents(words), pipeline.collector(words)),
  };
};

export interface Targets {
  /** Where Grafana reaches Prometheus. */
  readonly prometheus?: string;
  /** Where Grafana finds the folder of dashboards, if it is another path than here, as in a container. */
  readonly folder?: string;
}

/** How often Grafana looks for changed files, in seconds. */
const LOOK_EVERY = 30;
const API_VERSION = 1;

/**
 * Writes `dashboards/*.json` and `provisioning/`, which Grafana takes as it is:
 * https://grafana.com/docs/grafana/latest/administration/provisioning/
 *
 * @returns the files.
 */
export const buildDashboards = (out: string, options: BuildOptions = {}, targets: Targets = {}): string[] => {
  const { prometheus = "http://127.0.0.1:9090", folder = resolve(out, "dashboards") } = targets;
  const files: Record<string, string> = {};
  for (const [name, dashboard] of Object.entries(dashboards(options)))
    files[join("dashboards", `${UIDS[name as DashboardName]}.json`)] = `${JSON.stringify(dashboard, null, 2)}\n`;
  files[join("provisioning", "datasources", "activation-monitor.yaml")] = stringify({
    apiVersion: API_VERSION,
    datasources: [
      {
        name: "Prometheus (activation)",
        uid: "activation-prometheus",
        type: "prometheus",
        access: "proxy",
        url: prometheus,
        jsonData: { httpMethod: "POST", prometheusType: "Prometheus" },
      },
    ],
  });
  files[join("provisioning", "dashboards", "activation-monitor.yaml")] = stringify({
    apiVersion: API_VERSION,
    providers: [
      {
        name: "activation-monitor",
        folder: (options.words ?? en).folder,
        type: "file",
        updateIntervalSeconds: LOOK_EVERY,
        allowUiUpdates: false,
        options: { path: folder },
      },
    ],
  });
  // Grafana reports an error at each start where one of its provisioning folders is missing, so the empty ones are made, too.
  for (const it of ["datasources", "dashboards", "plugins", "alerting"])
    mkdirSync(join(out, "provisioning", it), { recursive: true });
  mkdirSync(join(out, "dashboards"), { recursive: true });
  return Object.entries(files).map(([name, content]) => {
    const file = join(out, name);
    writeFileSync(file, content);
    return file;
  });
};
