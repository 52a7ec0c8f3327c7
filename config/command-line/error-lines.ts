import { fileFailure } from "../file-failure.ts";

/**
 * What a command says of an error on standard error: each mistake is one line, `activation-monitor: FILE: FIELD: what is wrong;
 * what to do`.
 */
export const errorLines = (cause: Error): string =>
  inWords(cause)
    .split("\n")
    .map((it) => `activation-monitor: ${it}\n`)
    .join("");

/** An error of the operating system about a file says no more than its code and its call. */
const inWords = (cause: NodeJS.ErrnoException): string =>
  cause.path !== undefined && cause.code !== undefined && cause.message.startsWith(`${cause.code}: `)
    ? `${cause.path}: ${fileFailure(cause)}`
    : cause.message;

/** Wrong usage of a command: what commander says of it, as one sentence that ends with what to do. */
export class UsageError extends Error {
  /** `path` holds the names of the program and of its commands down to this one. */
  constructor(message: string, path: readonly string[]) {
    const mistake = asOneSentence(message);
    const remedy = mistake.includes("; ") ? "" : `; '${path.join(" ")} --help' tells the usage`;
    super(`${path.length > 1 ? `${path.slice(1).join(" ")}: ` : ""}${mistake}${remedy}`);
  }
}

/** `error: option '--hosts' argument '0' is invalid. Write …` or `error: unknown command 'x'\n(Did you mean y?)`. */
const asOneSentence = (message: string): string =>
  message
    .replace(/^error: /, "")
    .replace(/\s*\n\(D(.*)\)$/s, "; d$1")
    .replace(/\. ([A-Za-z])(?=[^.]*\.?$)/, (_, first: string) => `; ${first.toLowerCase()}`)
    .replace(/\.$/, "");
