import { type AddCommands, languageOption } from "../config/arguments.ts";
import type { Language } from "../licensing/codes/explain.ts";

/** The commands that concern more than one folder. */
export const ownCommands: AddCommands = (program, done) => {
  program
    .command("start")
    .description(
      "Everything at once on this computer, to look at: collector, fleet, Prometheus, Alertmanager, Grafana.",
    )
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

  program
    .command("explain <code>")
    .description("Explain a result code or an event ID: meaning, fault, what to do, source. Works offline.")
    .addOption(languageOption())
    .addHelpText(
      "after",
      `
A code is an HRESULT in any of its forms; a decimal number up to 65535 is an event ID. A negative number follows --.

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
