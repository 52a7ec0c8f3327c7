import { readSettings } from "../config/file.ts";
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

/**
 * `alerts build`: writes the files and prints their names.
 *
 * @returns the exit code.
 * @throws ConfigurationError with every mistake in the thresholds.
 */
export const buildAlertsCommand = (options: AlertsOptions, { stdout, stderr }: Output): number => {
  const { out, lang, runbook, grafana, collector, alertmanager } = options;
  const build: BuildOptions = {
    words: WORDS[lang],
    thresholds: thresholdsIn(options.thresholds),
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

/** @throws ConfigurationError */
const thresholdsIn = (file: string | undefined): BuildOptions["thresholds"] & {} =>
  file === undefined ? {} : readThresholds(file, readSettings(file).text);
