import type { AlertName } from "../../../alerts/locales/texts.ts";

/** Day 40 of a time that begins at 0: "now" in every case. */
export const NOW = 40 * 86_400;
export const DAY = 86_400;

/** Values by series: recorded names without `fleet:activation_` and `:max`, or a counter's increase within the last hour. */
export type Values = Readonly<Record<string, number | string | undefined>>;

export interface Case {
  readonly alert: AlertName;
  /** The series with which the alert fires; a text holds daily values as promtool writes them … */
  readonly fires: Values;
  /** … and one change after the other with which it does not. */
  readonly silent: readonly Values[];
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: string;
  /** The English summary, word by word. */
  readonly text: string;
}
