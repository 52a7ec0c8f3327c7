import type { AlertName } from "../../../alerts/locales/texts.ts";

/** Day 40 of a time that begins at 0: "now" in every case. */
export const NOW = 40 * 86_400;
export const DAY = 86_400;

export interface Case {
  readonly alert: AlertName;
  /** Recorded series (without `fleet:activation_` and `:max`) and their value, or daily values as promtool writes them, with which it fires … */
  readonly fires: Readonly<Record<string, number | string>>;
  /** … and one change after the other with which it does not. */
  readonly silent: readonly Readonly<Record<string, number | string | undefined>>[];
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: string;
  /** How the value reads in the text. */
  readonly value: string;
  /** What the text looks up beside the value: the count, and what is needed. */
  readonly counted?: string;
  readonly needed?: string;
  /** What the collector is configured to allow. */
  readonly allowed?: string;
  /** The value is so large that it means never. */
  readonly never?: true;
}
