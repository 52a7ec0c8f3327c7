import { type AddCommands, examples, languageOption, webAddress } from "../config/command-line/arguments.ts";
import type { Language } from "./locales/languages.ts";

export interface DashboardsOptions {
  readonly out: string;
  readonly lang: Language;
  readonly prometheus?: string;
  readonly folder?: string;
  readonly runbook?: string;
  readonly collector?: string;
}

export const dashboardsCommands: AddCommands = (program, done) => {
  program
    .command("dashboards")
    .description("Grafana dashboards and their provisioning")
    .addHelpText("after", examples("dashboards build --out grafana"))
    .command("build")
    .description(
      "Write Grafana dashboards (classic JSON, Grafana 12 and 13) and the provisioning files that load them.",
    )
    .requiredOption("--out <directory>", "where to write: dashboards/*.json and provisioning/")
    .option("--prometheus <url>", "where Grafana reaches Prometheus", webAddress, "http://127.0.0.1:9090")
    .option("--folder <path>", "where Grafana finds the JSON files, if not where they are written (a container)")
    .option("--runbook <url>", "where the runbook is published; dashboards link to it", webAddress)
    .option(
      "--collector <url>",
      "the collector's pages; names of computers link to them, and the runbook is theirs",
      webAddress,
    )
    .addOption(languageOption())
    .addHelpText("after", AFTER)
    .action(async (options: DashboardsOptions) => done(await buildDashboardsCommand(options, process.stdout)));
};

const AFTER = `
Examples:
  activation-monitor dashboards build --out /etc/activation-monitor/grafana --prometheus http://prometheus:9090
  GF_PATHS_PROVISIONING=/etc/activation-monitor/grafana/provisioning grafana server

Give Grafana the provisioning folder, as here, or import the JSON files manually (Dashboards, New, Import). They read the recorded series of "alerts build".`;

/** `dashboards build`: writes the files and prints their names. */
const buildDashboardsCommand = async (
  { out, lang, prometheus, folder, runbook, collector }: DashboardsOptions,
  stdout: { write(text: string): unknown },
): Promise<number> => {
  const [{ buildDashboards }, { WORDS }] = await Promise.all([import("./build.ts"), import("./locales/languages.ts")]);
  const files = buildDashboards(
    out,
    { words: WORDS[lang], ...(runbook && { runbook }), ...(collector && { collector: collector.replace(/\/$/, "") }) },
    { ...(prometheus && { prometheus }), ...(folder && { folder }) },
  );
  for (const it of files) stdout.write(`${it}\n`);
  return 0;
};
