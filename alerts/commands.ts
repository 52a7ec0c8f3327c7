import { type AddCommands, examples, languageOption, webAddress } from "../config/command-line/arguments.ts";
import type { AlertsOptions } from "./build-command.ts";

export const alertsCommands: AddCommands = (program, done) => {
  program
    .command("alerts")
    .description("Prometheus rules, Alertmanager configuration and runbook")
    .addHelpText("after", examples("alerts build --out prometheus"))
    .command("build")
    .description("Write Prometheus rules, an Alertmanager configuration and the runbook.")
    .requiredOption("--out <directory>", "where to write")
    .option("--thresholds <file>", "YAML file with thresholds that differ from the defaults, e.g. forecast: 21d")
    .option("--collector <host:port...>", "collectors that Prometheus scrapes; the first one serves the runbook")
    .option("--alertmanager <host:port>", "Alertmanager that Prometheus notifies")
    .option("--grafana <url>", "Grafana's address; alerts link to their dashboard", webAddress)
    .option(
      "--runbook <url>",
      "address of the runbook, if not the collector's; alerts link to their section",
      webAddress,
    )
    .addOption(languageOption())
    .addHelpText(
      "after",
      examples(
        "alerts build --out prometheus --collector collector.contoso.com:9688 --alertmanager 127.0.0.1:9093",
        "alerts build --out prometheus --thresholds thresholds.yaml --lang ja",
      ),
    )
    .action(async (options: AlertsOptions) => {
      const { buildAlertsCommand } = await import("./build-command.ts");
      done(buildAlertsCommand(options, process));
    });
};
