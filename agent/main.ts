import { examples } from "../config/command-line/arguments.ts";
import { newProgram, runProgram } from "../config/command-line/command-line.ts";
import { eventsCommands } from "../offline/commands.ts";
import { agentCommands } from "./commands.ts";

/** The agent alone: what the Windows package runs. A checkout's cli/main.ts has these commands and those of the other folders. */
const program = newProgram("Watches this computer's Microsoft volume licenses and reports to a collector.");
let exitCode = 0;
for (const addTo of [agentCommands, eventsCommands])
  addTo(program, (code) => {
    exitCode = code;
  });
program
  .command("check-config <file>")
  .description("Validate an agent's configuration; every mistake is listed.")
  .addHelpText("after", examples("check-config agent.yaml"))
  .action(async (file: string) => {
    const { agentConfigFrom } = await import("./commands/run.ts");
    const { configWarnings } = await import("./config-warnings.ts");
    const warnings = configWarnings(agentConfigFrom(file)).map((it) => `Warning: ${it}`);
    process.stdout.write([`${file} is a valid agent configuration.`, ...warnings, ""].join("\n"));
  });
program.addHelpText(
  "after",
  examples("agent once", "agent install --collector-url https://collector.contoso.com:4318"),
);
void runProgram(program, () => exitCode);
