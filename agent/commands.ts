import { type Command, Option } from "commander";
import { examples } from "../config/command-line/arguments.ts";
import { interrupted } from "../config/command-line/command-line.ts";
import { redactKey, signKey } from "../offline/options.ts";
import type { ExportOptions } from "./commands/export.ts";
import type { InstallOptions } from "./commands/install.ts";
import type { SelftestOptions } from "./commands/selftest.ts";

/** The agent's commands. What they do is loaded when one is called. `done` takes the exit code. */
export const agentCommands = (program: Command, done: (code: number) => void): void => {
  const agent = program
    .command("agent")
    .description("On each computer: reads events and license state, reports them")
    .addHelpText("after", examples("agent once", "agent run --config agent.yaml"));
  agent
    .command("run")
    .description("Read, keep on disk, and report to a collector until stopped.")
    .option("--config <file>", "agent.yaml; without it everything has its default")
    .option("--service", "run as the Windows service that `agent install` registers", false)
    .addHelpText("after", examples("agent run --config agent.yaml"))
    .action(async (options: { config?: string; service: boolean }) => {
      const { runAgent } = await import("./commands/run.ts");
      done(await runAgent(options));
    });
  agent
    .command("install")
    .description(
      "Register the Windows service (or bring its registration up to date) and start it. Run as administrator.",
    )
    .option("--config <file>", "agent.yaml; made where it is missing", undefined)
    .option("--collector-url <url>", "write this collector's address into the configuration")
    .option("--zone <zone>", "write this zone into the configuration")
    .option("--token-file <file>", "copy the collector's bearer token from this file, readable by the service only")
    .option("--ca-file <file>", "copy the certificate authority of the collector's TLS certificate from this file")
    .option(
      "--account <account>",
      'account of the service: LocalSystem, "NT SERVICE\\activation-monitor" (fewest rights), or a managed account; by default the one that it has',
    )
    .option("--no-start", "register it only; it starts with the computer")
    .addOption(new Option("--from-installer", "for the package: take its properties from the registry").hideHelp())
    .addHelpText(
      "after",
      examples(
        "agent install --collector-url https://collector.contoso.com:4318 --token-file token.txt",
        "agent install --config agent.yaml --no-start",
      ),
    )
    .action(async (options: InstallOptions) => {
      const { installAgent } = await import("./commands/install.ts");
      done(await installAgent(options, process.stdout));
    });
  agent
    .command("uninstall")
    .description(
      "Stop and remove the Windows service. Configuration and what is not delivered yet stay. Run as administrator.",
    )
    .option("--purge", "remove configuration, token, spool, bookmarks and logs as well", false)
    .addOption(new Option("--undo", "for the installer's rollback: put back what `agent install` wrote").hideHelp())
    .addHelpText("after", examples("agent uninstall", "agent uninstall --purge"))
    .action(async (options: { purge: boolean; undo?: boolean }) => {
      const { uninstallAgent } = await import("./commands/uninstall.ts");
      done(await uninstallAgent({ purge: options.purge, undo: options.undo === true }, process.stdout));
    });
  agent
    .command("export")
    .description("Write what is spooled as one offline bundle, for removable media; the agent may run meanwhile.")
    .requiredOption("--out <file>", "the bundle, a gzip'd tar; must not exist yet")
    .option("--config <file>", "agent.yaml; tells where the spool is")
    .option("--redact", "replace computers, users, domains and addresses by keyed hashes")
    .addOption(redactKey("shared by a site; without it one is made beside the spool"))
    .option(
      "--redact-zones",
      "with --redact: replace every zone, not only those in whose name a domain or computer stands",
    )
    .addOption(signKey())
    .option("--clear", "take out of the spool what was exported, once the bundle was read back whole")
    .addHelpText(
      "after",
      `${examples("agent export --out kms01.tar.gz --config agent.yaml", "agent export --out kms01.tar.gz --redact --clear")}

The other side: activation-monitor collector import FILE…  Format and media: docs/offline.md`,
    )
    .action(async (options: ExportOptions & { config?: string }) => {
      const { exportCommand } = await import("./commands/run.ts");
      done(await exportCommand(options, { out: process.stdout, err: process.stderr, signal: interrupted() }));
    });
  agent
    .command("once")
    .description("Read license state once and tell it as slmgr /dlv would; no collector is needed.")
    .option("--json", "as JSON, with every property as it was read", false)
    .option("--config <file>", "agent.yaml; without it everything has its default")
    .addHelpText("after", examples("agent once", "agent once --json"))
    .action(async (options: { json: boolean; config?: string }) => {
      const { onceAgent } = await import("./commands/once.ts");
      done(await onceAgent(options, process.stdout));
    });
  agent
    .command("selftest")
    .description(
      "Call everything of Windows once that the agent uses, and tell results, timings and rights; no secrets.",
    )
    .option("--json", "as JSON, to send to support", false)
    .option(
      "--as-service",
      "let the running service test itself, with its own account's rights; as administrator",
      false,
    )
    .option("--target <host>", "try to read this computer, too, as `targets` would, with the rights of this process")
    .option("--explain <file>", "explain a report from another computer; runs anywhere")
    .option("--config <file>", "agent.yaml; without it everything has its default")
    .addHelpText(
      "after",
      examples("agent selftest", "agent selftest --as-service --json", "agent selftest --target kms01.contoso.com"),
    )
    .action(async (options: SelftestOptions) => {
      const { selftest } = await import("./commands/selftest.ts");
      done(await selftest(options, process.stdout));
    });
};
