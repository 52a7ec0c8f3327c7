import { readFileSync } from "node:fs";
import { ConfigurationError } from "./load.ts";

/**
 * The text of a configuration file; none is an empty one, so that every key has its default.
 *
 * @throws ConfigurationError when it cannot be read: exit code 2, as for any other mistake in the configuration.
 */
export const readSettings = (file: string | undefined): { file: string; text: string } => {
  if (file === undefined) return { file: "(defaults)", text: "" };
  try {
    return { file, text: readFileSync(file, "utf8") };
  } catch (cause) {
    throw new ConfigurationError(file, [(cause as Error).message.replace(/^(\w+): (.*?), .*$/, "$2 ($1)")]);
  }
};
