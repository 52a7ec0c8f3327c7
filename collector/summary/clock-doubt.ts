import { type Instant, iso } from "../../licensing/time.ts";

/** Why the collector doubts its own clock. */
export type ClockDoubt =
  /** At the start: it says `now`, and the database was last written at `written`. */
  | { readonly kind: "start"; readonly now: Instant; readonly written: Instant }
  /** While it runs: it went from one time to another at once. */
  | { readonly kind: "jump"; readonly from: Instant; readonly to: Instant }
  /** So many of the agents that sent their time have another one, by more than a day. */
  | { readonly kind: "agents"; readonly contradicting: number; readonly all: number };

/** In English, for the log and for what senders are told. */
export const clockDoubtText = (doubt: ClockDoubt): string => {
  switch (doubt.kind) {
    case "start":
      return `it says ${iso(doubt.now)}, and this database was last written at ${iso(doubt.written)}`;
    case "jump":
      return `it went from ${iso(doubt.from)} to ${iso(doubt.to)} at once`;
    case "agents":
      return `${doubt.contradicting} of ${doubt.all} agents have another time, by more than a day`;
  }
};
