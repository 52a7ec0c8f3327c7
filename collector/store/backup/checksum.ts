import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";

/** SHA-256 of a file, in hexadecimal digits. */
export const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
};

/** Writes FILE.sha256 as `sha256sum --check` reads it; `name` is what the file will be called. */
export const writeChecksum = (path: string, name: string, sum: string): void =>
  writeFileSync(path, `${sum}  ${basename(name)}\n`, { mode: 0o600, flush: true });

/**
 * Compares a file with FILE.sha256.
 *
 * @returns whether there is such a file. @throws Error when it names another sum.
 */
export const checkChecksum = async (file: string): Promise<boolean> => {
  if (!existsSync(`${file}.sha256`)) return false;
  const expected = /^[0-9a-f]{64}(?= )/.exec(readFileSync(`${file}.sha256`, "utf8"))?.[0];
  if (expected !== (await sha256Of(file)))
    throw new Error(`${file} is not the file that ${file}.sha256 tells; take another backup.`);
  return true;
};
