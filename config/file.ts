import { readFileSync } from "node:fs";
import { fileFailure } from "./file-failure.ts";
import { ConfigurationError } from "./load.ts";

/**
 * The text of a configuration file; none is an empty one, so that every key has its default.
 *
 * @throws ConfigurationError when it cannot be read: exit code 2, as for any other mistake in the configuration.
 */
export const readSettings = (file: string | undefined): { file: string; text: string } => {
  if (file === undefined) return { file: "(defaults)", text: "" };
  const bytes = bytesOf(file);
  // Notepad's "Unicode", and what `>` of Windows PowerShell writes.
  if (bytes.includes(0)) throw new ConfigurationError(file, ["it is UTF-16, or no text at all; save it as UTF-8"]);
  return { file, text: bytes.toString("utf8") };
};

const bytesOf = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConfigurationError(file, [whyNotRead(cause as NodeJS.ErrnoException)]);
  }
};

/** The same for every option that names a file: what is wrong, and what to write. */
export const whyNotRead = (cause: NodeJS.ErrnoException): string => {
  if (cause.code === "EISDIR") return "it is a directory; name the file in it";
  return `${fileFailure(cause)}${cause.code === "ENOENT" ? "; write the path of an existing file" : ""}`;
};
