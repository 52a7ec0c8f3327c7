import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

/**
 * Checks bearer tokens against a file of one token a line (empty lines and `#` comments are left out). The file is read again
 * when it changes, so that tokens can be exchanged without a restart.
 *
 * @throws Error with the file's name when it cannot be read at the start.
 */
export const tokensFrom = (file: string): ((authorization: string | undefined) => boolean) => {
  let tokens: readonly Buffer[] = [];
  let changedAt = Number.NaN;
  const refresh = () => {
    const { mtimeMs } = statSync(file);
    if (mtimeMs === changedAt) return;
    tokens = readFileSync(file, "utf8")
      .split("\n")
      .map((it) => it.trim())
      .filter((it) => it !== "" && !it.startsWith("#"))
      .map(digest);
    changedAt = mtimeMs;
  };
  try {
    refresh();
  } catch (cause) {
    throw new Error(`otlp.tokens_file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (!token) return false;
    try {
      refresh();
    } catch {
      // Gone for a moment while it is replaced: what was read last stays good.
    }
    const given = digest(token);
    return tokens.reduce((found, it) => timingSafeEqual(it, given) || found, false);
  };
};
