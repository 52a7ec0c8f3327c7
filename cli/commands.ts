import { Argument } from "commander";
import { type AddCommands, examples, languageOption } from "../config/command-line/arguments.ts";
import { VERSION } from "../config/version.ts";
import type { Language } from "../licensing/codes/explain.ts";
import { completionScript, SHELLS, type Shell } from "./completion.ts";

/** The commands that concern more than one folder. */
export const ownCommands: AddCommands = (program, done) => {
  program
    .command("start")
    .description(
      "Everything at once on this computer, to look at: collector, fleet, Prometheus, Alertmanager, Grafana.",
    )
    .addHelpText("after", examples("start"))
    .action(async () => {
      const { startAll } = await import("./demo/start.ts");
      done(await startAll(process.stdout));
    });

  program
    .command("version")
    .description("Print the version of the program; as JSON also the Node that runs it.")
    .option("--json", "print it as JSON")
    .addHelpText("after", examples("version", "version --json"))
    .action(({ json }: { json?: boolean }) => {
      const { version: node, platform, arch } = process;
      process.stdout.write(`${json ? JSON.stringify({ version: VERSION, node, platform, arch }) : VERSION}\n`);
    });

  program
    .command("completion")
    .description("Print a script with which a shell completes commands and options.")
    .addArgument(new Argument("<shell>", "for which shell").choices(SHELLS))
    .addHelpText(
      "after",
      `
Examples:
  activation-monitor completion bash > /etc/bash_completion.d/activation-monitor
  activation-monitor completion zsh >> ~/.zshrc
  activation-monitor completion powershell >> $PROFILE`,
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });

  program
    .command("check-config <file>")
    .description("Validate an agent's or a collector's configuration; every mistake is listed, with its line.")
    .option("--strict", "exit code 1 also for a warning, such as a file that cannot be read here")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  activation-monitor check-config /etc/activation-monitor/collector.yaml

Exit code 2: the configuration has mistakes.`,
    )
    .action(async (file: string, options: { strict?: boolean; json?: boolean }) => {
      const { printCheck } = await import("./check-config-command.ts");
      done(await printCheck(file, options, process.stdout));
    });

  program
    .command("explain <code>")
    .description("Explain a result code or an event ID: meaning, fault, what to do, source. Works offline.")
    .addOption(languageOption())
    .addHelpText(
      "after",
      `
A code is an HRESULT in any of its forms; a decimal number up to 65535 is an event ID. A negative number follows --.

Examples:
  activation-monitor explain 0xC004F038
  activation-monitor explain C004F038 --lang ja
  activation-monitor explain -- -1073418184
  activation-monitor explain 12290

Exit code 1: the code is in no table; 2: it is no code.`,
    )
    .allowUnknownOption()
    .action(async (code: string, { lang }: { lang: Language }) => {
      const { explainCode } = await import("./explain.ts");
      done(explainCode(code, lang, { out: process.stdout, err: process.stderr }));
    });
};
