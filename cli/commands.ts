import type { AddCommands } from "../config/arguments.ts";

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
};
