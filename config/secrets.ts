import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

/** A shorter token could be guessed by trying. `openssl rand -hex 24` makes a good one. */
export const TOKEN_MIN = 16;
export const PASSWORD_MIN = 8;

/** A bearer token of a tokens file, and the computers it may report for; undefined: any. */
export interface Token {
  readonly token: string;
  readonly hosts?: readonly string[];
}

/** What RFC 6750 allows in a bearer token. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
/** A computer's name; `*` stands for any part of it. */
const HOST_PATTERN = /^[\p{L}\p{N}_.*-]{1,253}$/u;

/**
 * The tokens in a file's text: `token` or `token host-pattern …`, one per line; empty lines and lines that begin with `#` are
 * left out.
 *
 * @throws Error with the line and what to write instead.
 */
export const tokensIn = (text: string): Token[] =>
  withoutMark(text)
    .split("\n")
    .flatMap((line, i) => {
      const [token, ...hosts] = line.trim().split(/\s+/);
      if (!token || token.startsWith("#")) return [];
      const wrong = (what: string) => new Error(`line ${i + 1}: ${what}`);
      if (token.length < TOKEN_MIN) throw wrong(`a token has ${TOKEN_MIN} characters or more, without blanks`);
      if (!TOKEN.test(token))
        throw wrong("a token has letters, digits and the characters . _ ~ + / - and = at its end");
      const odd = hosts.find((it) => !HOST_PATTERN.test(it));
      if (odd !== undefined)
        throw wrong("after the token come names of computers, like pc1.contoso.com or *.contoso.com");
      return [hosts.length > 0 ? { token, hosts: hosts.map((it) => it.toLowerCase()) } : { token }];
    });

/**
 * The password in a file's text: its only line, as it stands, whatever it begins with.
 *
 * @throws Error that tells what to write.
 */
export const passwordIn = (text: string): string => {
  const lines = withoutMark(text)
    .replace(/(\r?\n)+$/, "")
    .split(/\r?\n/);
  if (lines.length !== 1) throw new Error("it has more than one line; write the password alone");
  if (lines[0]!.length < PASSWORD_MIN) throw new Error(`a password has ${PASSWORD_MIN} characters or more`);
  return lines[0]!;
};

/** Notepad's byte order mark is no part of a secret. */
const withoutMark = (text: string): string => text.replace(/^\ufeff/, "");

const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** Compares in a time that does not depend on where the two differ. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/**
 * What a file of secrets holds, read again when the file changes, so that secrets can be exchanged without a restart. A changed
 * file that cannot be used is reported to `onProblem`, once, and what was read last stays valid.
 *
 * @throws Error with the key and the file's name when it cannot be used at the start.
 */
const followed = <T>(file: string, key: string, read: (text: string) => T, onProblem: (text: string) => void) => {
  let state = "";
  const load = (): T => {
    const { mtimeMs, size, ino } = statSync(file);
    state = `${mtimeMs} ${size} ${ino}`;
    return read(readFileSync(file, "utf8"));
  };
  const problemOf = (cause: unknown) => `${key} ${file} cannot be used: ${(cause as Error).message}`;
  let value: T;
  try {
    value = load();
  } catch (cause) {
    throw new Error(problemOf(cause), { cause });
  }
  return (): T => {
    try {
      const { mtimeMs, size, ino } = statSync(file);
      if (`${mtimeMs} ${size} ${ino}` !== state) value = load();
    } catch (cause) {
      // Gone for a moment while it is replaced: that is no news.
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") onProblem(problemOf(cause));
    }
    return value;
  };
};

/** Finds the token of an `Authorization` header in a tokens file; undefined when there is none, or an unknown one. */
export const bearerTokens = (file: string, key: string, onProblem: (text: string) => void) => {
  const tokens = followed(
    file,
    key,
    (text) => tokensIn(text).map((it) => ({ ...it, digest: digest(it.token) })),
    onProblem,
  );
  return (authorization: string | undefined): Pick<Token, "hosts"> | undefined => {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) return undefined;
    const it = digest(given);
    // All are compared, so that the time does not tell which one was close.
    return tokens().reduce<Pick<Token, "hosts"> | undefined>(
      (found, token) => (timingSafeEqual(token.digest, it) ? (found ?? token) : found),
      undefined,
    );
  };
};

/** Checks a password against the one in a file. */
export const passwordFrom = (file: string, key: string, onProblem: (text: string) => void) => {
  const password = followed(file, key, passwordIn, onProblem);
  return (given: string): boolean => sameSecret(given, password());
};
