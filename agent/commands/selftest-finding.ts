/** What a report means for the administrator: `problem` keeps the agent from working, `note` is worth knowing. */
export interface Finding {
  readonly kind: "problem" | "note";
  readonly text: string;
}

export const problem = (text: string): Finding => ({ kind: "problem", text });
export const note = (text: string): Finding => ({ kind: "note", text });
export const when = (condition: unknown, finding: () => Finding): Finding[] => (condition ? [finding()] : []);
export const numberOf = (value: string | number | boolean | null | undefined): number =>
  typeof value === "number" ? value : 0;
