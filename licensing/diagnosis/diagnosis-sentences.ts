import type { Instant } from "../time.ts";
import type { ComputerFacts, Evidence } from "./diagnosis.ts";

/** How a diagnosis reads in one language; a language that lacks a sentence does not compile. */
export interface DiagnosisSentences {
  readonly works: (license: NonNullable<ComputerFacts["license"]>, renewedAt: Instant | undefined) => string;
  readonly nothingKnown: string;
  readonly state: (license: NonNullable<ComputerFacts["license"]>) => string;
  readonly failing: (since: Instant, attempts: number, code: string | undefined, meaning: string) => string;
  readonly noAnswer: (since: Instant, attempts: number) => string;
  readonly noAttempt: (since: Instant | undefined) => string;
  readonly notLicensed: (since: Instant | undefined) => string;
  readonly unknownCode: string;
  readonly evidence: (it: Evidence) => string;
  readonly fault: (words: string) => string;
  readonly changes: Readonly<Record<"status" | "channel" | "probe", string>>;
}
