import type { Kind, Outcomes, RecordOutcome } from "./accepted-record.ts";

/** What this process has counted since its start; several collectors' counters add up. */
export class Counters {
  readonly #records = new Map<string, number>();
  timeCorrections = 0;
  storeErrors = 0;

  records(kind: Kind, outcome: RecordOutcome): number {
    return this.#records.get(`${kind} ${outcome}`) ?? 0;
  }

  /** @param outcomes where the sender is told, too. */
  count(kind: Kind, outcome: RecordOutcome, outcomes?: Outcomes): void {
    const key = `${kind} ${outcome}`;
    this.#records.set(key, (this.#records.get(key) ?? 0) + 1);
    if (outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }

  /** Adds what a transaction has counted, once it is on disk. */
  add(other: Counters): void {
    for (const [key, by] of other.#records) this.#records.set(key, (this.#records.get(key) ?? 0) + by);
    this.timeCorrections += other.timeCorrections;
    this.storeErrors += other.storeErrors;
  }
}
