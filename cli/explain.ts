import { ConfigurationError } from "../config/load.ts";
import { type Explanation, explain, type Language } from "../licensing/codes/explain.ts";

/**
 * `explain CODE|EVENT-ID`: what a result code or an event means, whose fault it is and what to do, without a network.
 *
 * @returns the exit code: 1 for a code that no table has.
 * @throws ConfigurationError for a text that is neither a code nor an event ID.
 */
export const explainCode = (
  written: string,
  language: Language,
  { out, err }: Readonly<Record<"out" | "err", { write(text: string): unknown }>>,
): number => {
  const explained = explain(written, language);
  switch (explained.outcome) {
    case "no code":
      throw new ConfigurationError("explain", [
        `${JSON.stringify(written.slice(0, 40))} is neither a result code nor an event ID; write for example 0xC004F038 or 12290`,
      ]);
    case "no event":
      throw new ConfigurationError("explain", [
        `${written.trim()} is no event ID, since event IDs end at 65535, and no known result code; write for example 12290 or 0xC004F038`,
      ]);
    case "unknown": {
      const { nearest } = explained;
      const hint = nearest.length > 0 ? `; the nearest known: ${nearest.join(", ")}` : "";
      err.write(`activation-monitor: ${explained.written} is not in the table${hint}.\n`);
      return 1;
    }
    case "explained":
      out.write(textOf(explained.explanation, language));
      return 0;
  }
};

const LABELS = {
  en: ["Meaning", "Fault", "What to do", "Source"],
  ja: ["意味", "原因の所在", "対処", "出典"],
} as const;

const textOf = ({ title, meaning, fault, advice, source }: Explanation, language: Language): string =>
  [
    title,
    ...[meaning, fault, advice, `${source.title}, ${source.url}`].map((it, i) => `  ${LABELS[language][i]}: ${it}`),
  ]
    .map((it) => `${it}\n`)
    .join("");
