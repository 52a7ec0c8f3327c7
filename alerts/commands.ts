import { type AddCommands, languageOption, webAddress } from "../config/arguments.ts";
import type { Language } from "./locales/languages.ts";

export interface AlertsOptions {
  readonly out: string;
  readonly lang: Language;
  readonly runbook?: string;
  readonly dashboards?: string;
}

export const alertsCommands: AddCommands = (program, done) => {
  program
    .command("alerts")
    .description("Prometheus rules, Alertmanager configuration and runbook")
    .command("build")
    .description("Write Prometheus rules, an Alertmanager configuration and the runbook.")
    .requiredOption("--out <directory>", "where to write")
    .option("--runbook <url>", "where the runbook is published; alerts link to their section", webAddress)
    .option("--dashboards <url>", "Grafana's address; alerts link to their dashboard", webAddress)
    .addOption(languageOption())
    .action(async (options: AlertsOptions) => done(await buildAlertsCommand(options, process.stdout)));
};

/** `alerts build`: writes the files and prints their names. */
const buildAlertsCommand = async (
  { out, lang, runbook, dashboards }: AlertsOptions,
  stdout: { write(text: string): unknown },
): Promise<number> => {
  const [{ buildAlerts }, { WORDS }] = await Promise.all([import("./build.ts"), import("./locales/languages.ts")]);
  const options = { words: WORDS[lang], ...(runbook && { runbook }), ...(dashboards && { dashboards }) };
  for (const it of buildAlerts(out, options)) stdout.write(`${it}\n`);
  return 0;
};
