import {
  type AddCommands,
  examples,
  originAddress,
  positiveNumber,
  wholeNumber,
} from "../../config/command-line/arguments.ts";
import { interrupted } from "../../config/command-line/command-line.ts";
import type { SimulateOptions } from "./run-simulation.ts";

/** `fleet simulate`: not among the agent's commands, since no installed agent needs it. */
export const fleetCommands: AddCommands = (program, done) => {
  program
    .command("fleet")
    .description("A simulated fleet, for demonstrations and load tests")
    .addHelpText("after", examples("fleet simulate --hosts 400"))
    .command("simulate")
    .description("Report to a real collector as N computers would, the same ones for the same seed.")
    .requiredOption("--hosts <number>", "how many computers", positiveNumber)
    .option("--seed <number>", "which fleet", wholeNumber, 1)
    .option("--url <url>", "the collector's OTLP address", originAddress, "http://127.0.0.1:4318")
    .option("--token-file <file>", "bearer token for it")
    .option("--once", "report the present once and end", false)
    .option("--since <days>", "begin so many days ago", wholeNumber, 0)
    .option("--speed <factor>", "simulated seconds per second, until the present is reached", wholeNumber, 1)
    .addHelpText(
      "after",
      examples(
        "fleet simulate --hosts 400",
        "fleet simulate --hosts 5000 --seed 2 --since 60 --speed 3600 --url http://127.0.0.1:4318",
      ),
    )
    .action(async (options: SimulateOptions) => {
      const { simulateFleet } = await import("./run-simulation.ts");
      const terminal = process.stderr.isTTY === true;
      const progress = (text: string) => terminal && process.stderr.write(`\r${text}\u001b[K`);
      done(await simulateFleet(options, interrupted(), progress));
      if (terminal) process.stderr.write("\n");
    });
};
