/** What one piece needs to run. */
export interface Context {
  /** A folder of its own, empty. */
  readonly folder: string;
  readonly plan: Plan;
  /** Aborted when the piece must end: at its time limit, or by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Shows how far it has come. */
  progress(text: string): void;
}

/** How much of everything. */
export interface Plan {
  /** Kills of a process. */
  readonly kills: number;
  /** Hostile bodies that are sent. */
  readonly bodies: number;
}

export const WHOLE: Plan = { kills: 20, bodies: 60_000 };
/** So little that it takes seconds. */
export const SHORT: Plan = { kills: 3, bodies: 1_500 };

/** What a piece found out: figures to read, and every promise that was broken, in words. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly faults: readonly string[];
}

export type Piece = (context: Context) => Promise<Outcome>;

/** The promise under its words, where it was broken. */
export const faultsOf = (promises: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(promises).flatMap(([words, holds]) => (holds ? [] : [words]));
