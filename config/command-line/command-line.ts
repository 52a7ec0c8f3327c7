import { Command, CommanderError, type ErrorOptions, Help } from "commander";
import { ConfigurationError } from "../load.ts";
import { VERSION } from "../version.ts";
import { errorLines, UsageError } from "./error-lines.ts";

/** A command line of ours: the same manners in a checkout and in the Windows agent's package. */
export const newProgram = (description: string): Command =>
  new OneSentenceCommand("activation-monitor")
    .description(description)
    .version(VERSION)
    .exitOverride()
    .configureHelp({
      optionDescription: (option) => {
        const words = Help.prototype.optionDescription(option);
        return option.mandatory ? `${words} (required)` : words;
      },
      commandUsage: (command) => {
        const required = command.options.filter((it) => it.mandatory).map((it) => ` ${it.flags}`);
        return Help.prototype.commandUsage(command).replace(" [options]", `${required.join("")} [options]`);
      },
    });

/** A command whose wrong usage is an error like every other: one sentence, exit code 2. */
class OneSentenceCommand extends Command {
  override createCommand(name?: string): Command {
    return new OneSentenceCommand(name);
  }
  override error(message: string, _options?: ErrorOptions): never {
    const names: string[] = [];
    for (let it: Command | null = this; it; it = it.parent) names.unshift(it.name());
    throw new UsageError(message, names);
  }
}

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

/** 0 done; 1 the work failed; 2 wrong usage or configuration. */
const exitCodeOf = (cause: unknown): number => {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  process.stderr.write(errorLines(cause as Error));
  return cause instanceof ConfigurationError || cause instanceof UsageError ? 2 : 1;
};
