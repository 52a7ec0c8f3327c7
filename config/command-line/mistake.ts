/** Something wrong in a configuration: what and what to write instead, and the line of the file where that is known. */
export interface Mistake {
  readonly text: string;
  readonly line?: number | undefined;
}

/** All that is wrong with a configuration, at once, each with its place and its remedy. */
export class ConfigurationError extends Error {
  readonly mistakes: readonly string[];
  constructor(file: string, mistakes: readonly (string | Mistake)[]) {
    const all = mistakes.map((it): Mistake => (typeof it === "string" ? { text: it } : it));
    super(all.map(({ text, line }) => `${file}${line === undefined ? "" : `:${line}`}: ${text}`).join("\n"));
    this.mistakes = all.map((it) => it.text);
  }
}
