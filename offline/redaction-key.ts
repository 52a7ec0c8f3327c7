import { readFileSync } from "node:fs";
import { fileFailure } from "../config/file-failure.ts";
import { ConfigurationError } from "../config/load.ts";

/**
 * The key that pseudonyms are made with, as hexadecimal digits in a file. Computers that share it give the same name the same
 * pseudonym.
 *
 * @throws ConfigurationError
 */
export const redactionKeyIn = (file: string): Uint8Array => {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new ConfigurationError(file, [`${fileFailure(cause as NodeJS.ErrnoException)}; ${MAKE}`]);
  }
  if (/^([0-9a-f]{2}){32,}$/i.test(text)) return Buffer.from(text, "hex");
  throw new ConfigurationError(file, [`a redaction key has 64 hexadecimal digits or more, this has none; ${MAKE}`]);
};

const MAKE = "make one with: openssl rand -hex 32";
