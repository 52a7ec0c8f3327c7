import { type Outcomes, RECORD_OUTCOMES } from "../ingest/accepted-record.ts";

/** Set to `true`, it marks a request as imported history (docs/counting-rules.md, "Imported history"). */
export const IMPORT_HEADER = "x-activation-import";
/** In the answer to such a request: what became of its records, `accepted=12, duplicate=3`. */
export const OUTCOMES_HEADER = "x-activation-outcomes";

export const outcomesText = (outcomes: Outcomes): string =>
  Object.entries(outcomes)
    .map(([outcome, count]) => `${outcome}=${count}`)
    .join(", ");

/** @returns undefined for a text that no collector of ours sends. */
export const readOutcomes = (text: string): Outcomes | undefined => {
  const outcomes: Outcomes = {};
  for (const part of text.split(",").filter((it) => it.trim() !== "")) {
    const [, name, count] = /^\s*([a-z]+)=(\d{1,9})\s*$/.exec(part) ?? [];
    const outcome = RECORD_OUTCOMES.find((it) => it === name);
    if (!outcome) return undefined;
    outcomes[outcome] = Number(count);
  }
  return outcomes;
};
