import { readFileSync } from "node:fs";
import { ConfigurationError } from "../config/load.ts";
import { type BuildOptions, buildAlerts, type Targets } from "./build.ts";
import { type Language, WORDS } from "./locales/languages.ts";
import { readThresholds } from "./read-thresholds.ts";

export interface AlertsOptions {
  readonly out: string;
  readonly lang: Language;
  readonly thresholds?: string;
  readonly collector?: readonly string[];
  readonly alertmanager?: string;
  readonly runbook?: string;
  readonly grafana?: string;
}

interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** `alerts build`: writes the files and prints their names. @returns the exit code. */
export const buildAlertsCommand = (options: AlertsOptions, { stdout, stderr }: Output): number => {
  const { out, lang, runbook, grafana, collector, alertmanager } = options;
  const thresholds = thresholdsIn(options.thresholds);
  if ("mistakes" in thresholds) {
    stderr.write(`${thresholds.mistakes}\n`);
    return 2;
  }
  const build: BuildOptions = {
    words: WORDS[lang],
    thresholds: thresholds.values,
    ...(runbook && { runbook }),
    ...(grafana && { dashboards: grafana.replace(/\/$/, "") }),
  };
  const targets: Targets = { ...(collector && { collectors: collector }), ...(alertmanager && { alertmanager }) };
  for (const { file, edited } of buildAlerts(out, build, targets)) {
    stdout.write(`${file}\n`);
    if (edited) stderr.write(`${edited} was edited and stays as it is; compare it with ${file}\n`);
  }
  return 0;
};

type Read = { readonly values: BuildOptions["thresholds"] & {} } | { readonly mistakes: string };
const thresholdsIn = (file: string | undefined): Read => {
  if (file === undefined) return { values: {} };
  try {
    return { values: readThresholds(file, readFileSync(file, "utf8")) };
  } catch (cause) {
    if (cause instanceof ConfigurationError) return { mistakes: cause.message };
    const code = (cause as NodeJS.ErrnoException).code;
    if (code) return { mistakes: `${file}: the file cannot be read (${code}); write the path of an existing file` };
    throw cause;
  }
};
