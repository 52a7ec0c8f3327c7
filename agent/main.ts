import { newProgram, runProgram } from "../config/command-line.ts";
import { agentCommands } from "./commands.ts";

/** The agent alone: what the Windows package runs. cli/main.ts has these commands and those of the other folders. */
const program = newProgram("Watches this computer's Microsoft volume licenses and reports to a collector.");
let exitCode = 0;
agentCommands(program, (code) => {
  exitCode = code;
});
program
  .command("check-config <file>")
  .description("Validate an agent's configuration; every mistake is listed.")
  .action(async (file: string) => {
    const { agentConfigFrom } = await import("./commands/run.ts");
    const { configWarnings } = await import("./config-warnings.ts");
    const warnings = configWarnings(agentConfigFrom(file));
    process.stdout.write([`${file} is a valid agent configuration.`, ...warnings, ""].join("\n"));
  });
void runProgram(program, () => exitCode);
