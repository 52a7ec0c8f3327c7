import { type Command, Option } from "commander";
import { type AddCommands, examples, positiveNumber, wholeNumber } from "../config/command-line/arguments.ts";
import { interrupted } from "../config/command-line/command-line.ts";
import { redactKey, signKey } from "../offline/options.ts";
import type { ExportOptions } from "./client/export-command.ts";
import type { SnapshotOptions } from "./client/snapshot-command.ts";
import type { SupportOptions } from "./client/support-command.ts";
import type { WorksheetOptions } from "./client/worksheet-command.ts";
import type { ImportOptions } from "./import/command.ts";
import type { BackupOptions } from "./store/backup/backup-command.ts";
import type { MigrateOptions } from "./store/copy/migrate-command.ts";

/** The collector's commands, and those that ask a running one. What they do is loaded when one is called. */
export const collectorCommands: AddCommands = (program, done) => {
  const collector = program
    .command("collector")
    .description("The central program: stores and counts reports, serves metrics, pages and the API")
    .addHelpText(
      "after",
      examples("collector run --config collector.yaml", "collector worksheet --config collector.yaml"),
    );
  collector
    .command("run")
    .description("Take OTLP from agents, store it, serve metrics, pages and the API until stopped.")
    .option("--config <file>", "collector.yaml; without it everything has its default")
    .addHelpText("after", examples("collector run", "collector run --config collector.yaml"))
    .action(async ({ config }: { config?: string }) => {
      const { runCollector } = await import("./run.ts");
      done(await runCollector(config));
    });

  overTls(
    collector
      .command("import <files...>")
      .description(
        "Import history from offline bundles, .evtx, event XML, NDJSON or OTLP/JSON; importing a file twice is safe.",
      )
      .option(
        "--config <file>",
        "collector.yaml: goes to the collector that listens there or, when none runs, to its store",
      )
      .option("--url <url>", "the OTLP address of a running collector, instead of --config")
      .option("--token-file <file>", "bearer token for it"),
  )
    .addOption(
      new Option("--verify-key <file>", "accept only bundles signed by this Ed25519 key (public, PEM)").env(
        "ACTIVATION_VERIFY_KEY_FILE",
      ),
    )
    .addHelpText(
      "after",
      `${examples("collector import kms01.tar.gz events.evtx --config collector.yaml", "collector import kms01.tar.gz --url http://127.0.0.1:4318")}

Imported history changes tables, deadlines and history, never a counter. The bundles' format: docs/offline.md`,
    )
    .action(async (files: string[], options: ImportOptions) => {
      const { importFiles } = await import("./import/command.ts");
      done(await importFiles(files, options, { out: process.stdout, err: process.stderr, signal: interrupted() }));
    });

  collector
    .command("backup")
    .description("Copy the store to a file, with its SHA-256 sum in FILE.sha256; the collector may run meanwhile.")
    .requiredOption("--out <file>", "the copy, which may not exist yet; or a folder, then the name tells the time")
    .option("--config <file>", "collector.yaml: tells where the store is")
    .option("--keep <number>", "with a folder: keep so many of the newest backups there", positiveNumber)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  activation-monitor collector backup --config collector.yaml --out activation-2026-11-20.db
  activation-monitor collector backup --config collector.yaml --out /var/backups/activation-monitor --keep 14

The copy is the store at one instant, as one file. Run it with the account of the collector. docs/backup.md tells more.`,
    )
    .action(async (options: BackupOptions) => {
      const { backupStore } = await import("./store/backup/backup-command.ts");
      done(await backupStore(options, { out: process.stdout, err: process.stderr, signal: interrupted() }));
    });

  collector
    .command("restore <file>")
    .description("Put a backup in the store's place, while no collector runs; what was there is kept beside it.")
    .option("--config <file>", "collector.yaml: tells where the store is")
    .addHelpText(
      "after",
      `
Examples:
  systemctl stop activation-monitor-collector
  activation-monitor collector restore activation-2026-11-20.db --config collector.yaml

The backup is compared with its FILE.sha256, and looked through for damage, before anything changes.`,
    )
    .action(async (file: string, options: { config?: string }) => {
      const { restoreStore } = await import("./store/backup/restore-command.ts");
      done(await restoreStore(file, options, { out: process.stdout, err: process.stderr }));
    });

  collector
    .command("migrate")
    .description(
      "Copy the store to an empty database of PostgreSQL, while no collector runs; the store stays as it is.",
    )
    .requiredOption("--to <url>", "postgres://USER@HOST:PORT/DATABASE, as in store.url")
    .option("--to-password-file <file>", "file that holds the password of the database's user")
    .option("--config <file>", "collector.yaml: tells where the store is")
    .addHelpText(
      "after",
      `
Examples:
  systemctl stop activation-monitor-collector
  activation-monitor collector migrate --config collector.yaml --to postgres://activation@db.contoso.com/activation

If it is interrupted, the same command goes on where it stopped. docs/scaling.md tells how to make the database.`,
    )
    .action(async (options: MigrateOptions) => {
      const { migrateStore } = await import("./store/copy/migrate-command.ts");
      done(await migrateStore(options, { out: process.stdout, err: process.stderr, signal: interrupted() }));
    });

  askingTheApi(
    collector
      .command("worksheet")
      .description("Print the planning guide's Table 2 (which computers are activated how), filled from live data.")
      .addOption(new Option("--format <format>", "how to print it").choices(["table", "csv", "json"]).default("table"))
      .addOption(asJson()),
  )
    .addHelpText(
      "after",
      examples(
        "collector worksheet --config collector.yaml",
        "collector worksheet --format csv --url http://127.0.0.1:9688",
      ),
    )
    .action(async (options: WorksheetOptions & { json?: boolean }) => {
      const { printWorksheet } = await import("./client/worksheet-command.ts");
      done(await printWorksheet(inFormat(options), { out: process.stdout, err: process.stderr }));
    });

  askingTheApi(
    collector
      .command("snapshot")
      .description(
        "Write the license state of every computer at this moment to a file, with its SHA-256 sum in FILE.sha256.",
      )
      .requiredOption("--out <file>", "the snapshot; neither it nor FILE.sha256 may exist yet")
      .addOption(new Option("--format <format>", "how to write it").choices(["csv", "json"]).default("csv"))
      .addOption(asJson()),
  )
    .addHelpText(
      "after",
      `
One row for each license of a computer, and one for a computer whose licenses are not known. Retired computers are left
out. "primary" marks the license that decides for Windows or Office; count those to count computers.

Examples:
  activation-monitor collector snapshot --out licenses-2026-11-20.csv --config collector.yaml
  sha256sum --check licenses-2026-11-20.csv.sha256`,
    )
    .action(async (options: SnapshotOptions & { json?: boolean }) => {
      const { takeSnapshot } = await import("./client/snapshot-command.ts");
      done(await takeSnapshot(inFormat(options), { out: process.stdout, err: process.stderr, signal: interrupted() }));
    });

  askingTheApi(
    collector
      .command("export")
      .description(
        "Write the past of every KMS host's counts and deadlines, one sample a day, for Prometheus to import.",
      )
      .requiredOption("--openmetrics", "the format: OpenMetrics with timestamps")
      .requiredOption("--out <file>", "the file; neither it nor FILE.sha256 may exist yet"),
  )
    .addHelpText(
      "after",
      `
Written are activation_kms_table_clients, …_distinct_clients, …_headroom and …_below_threshold_timestamp_seconds, computed
from the stored requests (12290). Days on which a table is not known are left out.

Examples:
  activation-monitor collector export --openmetrics --out past.om --config collector.yaml
  promtool tsdb create-blocks-from openmetrics past.om /var/lib/prometheus/metrics2

Prometheus deletes what is older than --storage.tsdb.retention.time (15 days unless set): set it first.`,
    )
    .action(async (options: ExportOptions) => {
      const { exportHistory } = await import("./client/export-command.ts");
      done(await exportHistory(options, { out: process.stdout, err: process.stderr, signal: interrupted() }));
    });

  askingTheApi(
    program
      .command("support-bundle")
      .description("Write what support asks for about one client: license state, its KMS hosts, both sides' events.")
      .requiredOption("--computer <host>", "which computer")
      .requiredOption("--out <file>", "the bundle, a gzip'd tar; must not exist yet")
      .option("--since <days>", "events of so many days", wholeNumber, 35),
  )
    .option("--redact", "replace computers, users, domains and addresses by keyed hashes")
    .addOption(redactKey("without it one is made for this bundle and thrown away"))
    .addOption(signKey())
    .addHelpText(
      "after",
      examples(
        "support-bundle --computer pc042.contoso.com --out pc042.tar.gz --config collector.yaml",
        "support-bundle --computer pc042.contoso.com --out pc042.tar.gz --redact",
      ),
    )
    .action(async (options: SupportOptions) => {
      const { supportBundle } = await import("./client/support-command.ts");
      done(await supportBundle(options, { out: process.stdout, err: process.stderr }));
    });
};

/** `--json` is `--format json`, as other commands have it. */
const asJson = (): Option => new Option("--json", "the same as --format json").conflicts("format");
const inFormat = <O extends { json?: boolean }>({ json, ...options }: O) => ({
  ...options,
  ...(json && { format: "json" as const }),
});

/** What a collector with TLS may demand of its callers. */
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
      .option(
        "--username <name>",
        "user name, where the collector requires a login; default: http.basic_auth of --config",
      )
      .option("--password-file <file>", "the password of --username"),
  );
