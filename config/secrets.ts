import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** The secrets in a file's text: one a line; empty lines and `#` comments are left out. */
export const secretsIn = (text: string): string[] =>
  text
    .split("\n")
    .map((it) => it.trim())
    .filter((it) => it !== "" && !it.startsWith("#"));

/**
 * Checks what somebody gives against a file of secrets. The file is read again when it changes, so that secrets can be
 * exchanged without a restart.
 *
 * @throws Error with the file's name when it cannot be read at the start.
 */
export const secretsFrom = (file: string, key: string): ((given: string) => boolean) => {
  let secrets: readonly Buffer[] = [];
  let changedAt = Number.NaN;
  const refresh = () => {
    const { mtimeMs } = statSync(file);
    if (mtimeMs === changedAt) return;
    secrets = secretsIn(readFileSync(file, "utf8")).map(digest);
    changedAt = mtimeMs;
  };
  try {
    refresh();
  } catch (cause) {
    throw new Error(`${key} ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return (given) => {
    try {
      refresh();
    } catch {
      // Gone for a moment while it is replaced: what was read last stays good.
    }
    const it = digest(given);
    return secrets.reduce((found, secret) => timingSafeEqual(secret, it) || found, false);
  };
};

/** Checks the bearer token of an `Authorization` header. */
export const bearerOf = (isToken: (given: string) => boolean) => (authorization: string | undefined) => {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  return token !== undefined && isToken(token);
};
