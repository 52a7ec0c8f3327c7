import type { Command } from "commander";
import { agentCommands } from "../agent/commands.ts";
import { fleetCommands } from "../agent/simulation/commands.ts";
import { alertsCommands } from "../alerts/commands.ts";
import { collectorCommands } from "../collector/commands.ts";
import { examples } from "../config/command-line/arguments.ts";
import { newProgram } from "../config/command-line/command-line.ts";
import { dashboardsCommands } from "../dashboards/commands.ts";
import { eventsCommands } from "../offline/commands.ts";
import { ownCommands } from "./commands.ts";

/**
 * Joins the commands that each folder defines. A folder is loaded when its command is called: no agent ever loads a database.
 * `done` takes the exit code of the command that ran.
 */
export const wholeProgram = (done: (exitCode: number) => void): Command => {
  const program = newProgram(
    "Watches Microsoft Volume Activation: KMS host counts, license deadlines, metrics, dashboards, alerts.",
  );
  for (const addTo of [
    agentCommands,
    eventsCommands,
    collectorCommands,
    alertsCommands,
    dashboardsCommands,
    fleetCommands,
    ownCommands,
  ])
    addTo(program, done);
  return program.addHelpText("after", examples("start", "collector run --config collector.yaml", "explain 0xC004F038"));
};
