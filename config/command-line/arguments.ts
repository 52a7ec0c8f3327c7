import { type Command, InvalidArgumentError, Option } from "commander";

/** Readers of command line arguments that several folders' commands share. Each throws InvalidArgumentError with what to write. */

/** `http://…` or `https://…`, with a path or without. */
export const webAddress = (text: string): string => {
  if (/^https?:\/\/[^/\s]/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("write http://… or https://…");
};

/** `http://host:port` or `https://host:port`. */
export const originAddress = (text: string): string => {
  if (/^https?:\/\/[^/\s]+\/?$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("write http://host:port or https://host:port, without a path");
};

/** A whole number from 0 on. */
export const wholeNumber = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a whole number");
};

/** A whole number from 1 on. */
export const positiveNumber = (text: string): number => {
  if (/^0*[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a whole number from 1 on");
};

/** `--lang`, for commands that write texts. */
export const languageOption = (): Option =>
  new Option("--lang <language>", "language of the texts").choices(["en", "ja"]).default("en");

/** The end of a command's help: what to type, and under it what there is to know. */
export const examples = (...commands: readonly string[]): string =>
  `\nExamples:\n${commands.map((it) => `  activation-monitor ${it}`).join("\n")}`;

/** Adds a folder's commands to a program; `done` takes the exit code of the one that ran. */
export type AddCommands = (program: Command, done: (exitCode: number) => void) => void;
