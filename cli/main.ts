#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import { agentCommands } from "../agent/commands.ts";
import type { SimulateOptions } from "../agent/simulation/command.ts";
import type { AlertsOptions } from "../alerts/command.ts";
import type { SupportOptions } from "../collector/client/support-command.ts";
import type { WorksheetOptions } from "../collector/client/worksheet-command.ts";
import type { ImportOptions } from "../collector/import/command.ts";
import { interrupted, newProgram, runProgram } from "../config/command-line.ts";
import type { DashboardsOptions } from "../dashboards/command.ts";
import { redactKey, signKey } from "../offline/options.ts";

// In a checkout Node strips the types of every file, at each start and in each thread anew; what it keeps of that, in a folder
// of this checkout's own, spares half a second and 17 MB a thread. A package has nothing to strip.
if (import.meta.url.endsWith(".ts")) {
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/compiled/", import.meta.url));
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** Joins the commands of all folders. A folder is loaded when its command is called: no agent ever loads a database. */
const program = newProgram(
  "Watches Microsoft Volume Activation: KMS host counts, license deadlines, metrics, dashboards, alerts.",
);

let exitCode = 0;
const done = (code: number): void => {
  exitCode = code;
};

agentCommands(program, done);

const webAddress = (text: string): string => {
  if (/^https?:\/\/[^/\s]/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("write http://… or https://…");
};

const originAddress = (text: string): string => {
  if (/^https?:\/\/[^/\s]+\/?$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("write http://host:port or https://host:port, without a path");
};

const collector = program
  .command("collector")
  .description("The central program: takes reports, keeps and counts them, serves figures");
collector
  .command("run")
  .description("Take OTLP from agents, keep it, serve metrics, pages and the API until stopped.")
  .option("--config <file>", "collector.yaml; without it everything has its default")
  .action(async ({ config }: { config?: string }) => {
    const { runCollector } = await import("../collector/command.ts");
    done(await runCollector(config));
  });

/** What a collector with TLS may demand of whoever calls it. */
const overTls = (command: Command): Command =>
  command
    .option("--ca-file <file>", "CA of its certificate, PEM")
    .option("--cert-file <file>", "client certificate, PEM")
    .option("--key-file <file>", "its private key, PEM");
/** Commands that ask a running collector. */
const askingTheApi = (command: Command): Command =>
  overTls(
    command
      .option("--config <file>", "collector.yaml: tells where the collector's API is")
      .option("--url <url>", "the collector's page and API, instead of --config, e.g. http://127.0.0.1:9688")
      .option("--username <name>", "who asks, where it wants a login; of --config its http.basic_auth")
      .option("--password-file <file>", "the password of --username"),
  );

askingTheApi(
  collector
    .command("worksheet")
    .description("Print the planning guide's Table 2 (which computers are activated how), filled from live data.")
    .addOption(new Option("--format <format>", "how to print it").choices(["table", "csv", "json"]).default("table")),
).action(async (options: WorksheetOptions) => {
  const { printWorksheet } = await import("../collector/client/worksheet-command.ts");
  done(await printWorksheet(options, { out: process.stdout, err: process.stderr }));
});
overTls(
  collector
    .command("import <files...>")
    .description("Take history from offline bundles, .evtx, event XML, NDJSON or OTLP/JSON; twice does no harm.")
    .option(
      "--config <file>",
      "collector.yaml: goes to the collector that listens there or, when none runs, to its store",
    )
    .option("--url <url>", "the OTLP address of a running collector, instead of --config")
    .option("--token-file <file>", "bearer token for it"),
)
  .addOption(
    new Option("--verify-key <file>", "take only bundles signed by this Ed25519 key (public, PEM)").env(
      "ACTIVATION_VERIFY_KEY_FILE",
    ),
  )
  .addHelpText(
    "after",
    "\nImported history changes tables, deadlines and history, never a counter. The bundles' format: docs/offline.md",
  )
  .action(async (files: string[], options: ImportOptions) => {
    const { importFiles } = await import("../collector/import/command.ts");
    done(await importFiles(files, options, { out: process.stdout, err: process.stderr, signal: interrupted() }));
  });

const LANGUAGES = ["en", "ja"] as const satisfies readonly (AlertsOptions["lang"] & DashboardsOptions["lang"])[];
const language = (): Option =>
  new Option("--lang <language>", "language of the texts").choices(LANGUAGES).default("en");

const alerts = program.command("alerts").description("Prometheus rules, Alertmanager configuration and runbook");
alerts
  .command("build")
  .description("Write Prometheus rules, an Alertmanager configuration and the runbook.")
  .requiredOption("--out <directory>", "where to write")
  .option("--thresholds <file>", "YAML file with thresholds that differ from the defaults, e.g. forecast: 21d")
  .option("--collector <host:port...>", "collectors that Prometheus scrapes; the first one serves the runbook")
  .option("--alertmanager <host:port>", "Alertmanager that Prometheus notifies")
  .option("--grafana <url>", "Grafana's address; alerts link to their dashboard", webAddress)
  .option("--runbook <url>", "address of the runbook, if not the collector's; alerts link to their section", webAddress)
  .addOption(language())
  .action(async (options: AlertsOptions) => {
    const { buildAlertsCommand } = await import("../alerts/command.ts");
    done(buildAlertsCommand(options, process));
  });

const dashboards = program.command("dashboards").description("Grafana dashboards and their provisioning");
dashboards
  .command("build")
  .description("Write Grafana dashboards (classic JSON, Grafana 12 and 13) and the provisioning files that load them.")
  .requiredOption("--out <directory>", "where to write: dashboards/*.json and provisioning/")
  .option("--prometheus <url>", "where Grafana reaches Prometheus", webAddress, "http://127.0.0.1:9090")
  .option("--folder <path>", "where Grafana finds the JSON files, if not where they are written (a container)")
  .option("--runbook <url>", "where the runbook is published; dashboards link to it", webAddress)
  .addOption(language())
  .addHelpText(
    "after",
    `
Give Grafana the provisioning folder and start it:
  activation-monitor dashboards build --out /etc/activation-monitor/grafana --prometheus http://prometheus:9090
  GF_PATHS_PROVISIONING=/etc/activation-monitor/grafana/provisioning grafana server
or import the JSON files by hand (Dashboards, New, Import). They read the recorded series of "alerts build".`,
  )
  .action(async (options: DashboardsOptions) => {
    const { buildDashboardsCommand } = await import("../dashboards/command.ts");
    done(buildDashboardsCommand(options, process.stdout));
  });

const whole = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a whole number");
};
const positive = (text: string): number => {
  if (/^0*[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a whole number from 1 on");
};
program
  .command("fleet")
  .description("A simulated fleet, for demonstrations and load tests")
  .command("simulate")
  .description("Report to a real collector as N computers would, the same ones for the same seed.")
  .requiredOption("--hosts <number>", "how many computers", positive)
  .option("--seed <number>", "which fleet", whole, 1)
  .option("--url <url>", "the collector's OTLP address", originAddress, "http://127.0.0.1:4318")
  .option("--token-file <file>", "bearer token for it")
  .option("--once", "report the present once and end", false)
  .option("--since <days>", "begin so many days ago", whole, 0)
  .option("--speed <factor>", "simulated seconds per second, until the present is reached", whole, 1)
  .action(async (options: SimulateOptions) => {
    const { simulateFleet } = await import("../agent/simulation/command.ts");
    const terminal = process.stderr.isTTY === true;
    const progress = (text: string) => terminal && process.stderr.write(`\r${text}\u001b[K`);
    done(await simulateFleet(options, interrupted(), progress));
    if (terminal) process.stderr.write("\n");
  });

askingTheApi(
  program
    .command("support-bundle")
    .description("Write what support asks for about one client: license state, its KMS hosts, both sides' events.")
    .requiredOption("--computer <host>", "which computer")
    .requiredOption("--out <file>", "the bundle, a gzip'd tar; must not exist yet")
    .option("--since <days>", "events of so many days", whole, 35),
)
  .option("--redact", "replace computers, users, domains and addresses by keyed hashes")
  .addOption(redactKey("without it one is made for this bundle and thrown away"))
  .addOption(signKey())
  .action(async (options: SupportOptions) => {
    const { supportBundle } = await import("../collector/client/support-command.ts");
    done(await supportBundle(options, { out: process.stdout, err: process.stderr }));
  });

program
  .command("start")
  .description("Everything at once on this computer, to look at: collector, fleet, Prometheus, Alertmanager, Grafana.")
  .action(async () => {
    const { startAll } = await import("./demo/start.ts");
    done(await startAll(process.stdout));
  });

program
  .command("check-config <file>")
  .description("Validate an agent's or a collector's configuration; every mistake is listed.")
  .action(async (file: string) => {
    const { checkConfig } = await import("./check-config.ts");
    process.stdout.write(`${await checkConfig(file, process.env)}\n`);
  });

await runProgram(program, () => exitCode);
