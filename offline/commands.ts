import { type AddCommands, examples } from "../config/command-line/arguments.ts";

/** `events`: Windows events as files. `done` takes the exit code. */
export const eventsCommands: AddCommands = (program, done) => {
  program
    .command("events")
    .description("Windows events as files")
    .addHelpText("after", examples("events parse kms01.evtx"))
    .command("parse <files...>")
    .description(
      "Print one normalised event per line, as JSON, from event XML, NDJSON or .evtx files. `-` is standard input (XML or NDJSON).",
    )
    .addHelpText("after", examples("events parse kms01.evtx events.xml", "events parse - < events.ndjson"))
    .action(async (files: string[]) => {
      const { parseEvents } = await import("./parse-events.ts");
      done(await parseEvents(files, { in: process.stdin, out: process.stdout, err: process.stderr }));
    });
};
