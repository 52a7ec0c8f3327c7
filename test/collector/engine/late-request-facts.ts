/** What the test and its program agree on. */
export const START = Date.parse("2026-09-01T00:00:00Z");
/** Windows Server 2016: it needs 5 clients. */
export const SERVER = "8c1c5410-9f39-4805-8c9d-63a07706358f";
/** Requests in one delivery. */
export const DELIVERY = 5_000;
/** So many different servers ask in turn. */
export const ANSWERS_EVERY = 20_000;

export interface Figures {
  /** Transactions that the replay took, from the start of the process. */
  readonly pieces: number;
  /** Read by one transaction. */
  readonly mostRows: number;
  readonly metrics: string;
}
