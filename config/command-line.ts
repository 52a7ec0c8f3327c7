import { Command, CommanderError } from "commander";
import { ConfigurationError } from "./load.ts";
import { VERSION } from "./version.ts";

/** A command line of ours: the same manners in a checkout and in the Windows agent's package. */
export const newProgram = (description: string): Command =>
  new Command("activation-monitor")
    .description(description)
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("Run 'activation-monitor … --help' for usage.");

/** Runs what was asked for; `done` tells its exit code. The process ends once nothing holds it any more. */
export const runProgram = async (program: Command, done: () => number): Promise<void> => {
  // `… | head` closes the pipe early; that is no failure. Nor is a missing output: an installer gives none.
  process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
    if (cause.code === "EPIPE") process.exit(0);
    if (!NOBODY_LISTENS.has(cause.code ?? "")) process.exit(1);
  });
  try {
    await program.parseAsync();
    process.exitCode = done();
  } catch (cause) {
    process.exitCode = exitCodeOf(cause);
  }
};

/** Aborted by Ctrl-C or a polite kill, for work that must not be left half done. */
export const interrupted = (): AbortSignal => {
  const ended = new AbortController();
  for (const it of ["SIGINT", "SIGTERM"] as const) process.once(it, () => ended.abort());
  return ended.signal;
};

const NOBODY_LISTENS = new Set(["EBADF", "EINVAL", "ENOTCONN"]);

/** 0 done; 1 the work failed; 2 wrong usage or configuration. Errors are one sentence each, on standard error. */
const exitCodeOf = (cause: unknown): number => {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  const mistakes = cause instanceof ConfigurationError;
  process.stderr.write(`${mistakes ? cause.message : `activation-monitor: ${(cause as Error).message}`}\n`);
  return mistakes ? 2 : 1;
};
