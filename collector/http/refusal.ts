/** Why a request was refused: the label of a metric, and what the log and the API call it. */
export const REFUSAL_CAUSES = [
  "unauthenticated",
  "forbidden",
  "certificate",
  "host_header",
  "too_large",
  "unsupported",
  "malformed",
  "overloaded",
] as const;
export type RefusalCause = (typeof REFUSAL_CAUSES)[number];

/** A refusal with its HTTP status: what the sender gets, in the encoding of its request. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const CAUSES: Readonly<Record<number, RefusalCause>> = {
  400: "malformed",
  401: "unauthenticated",
  403: "forbidden",
  413: "too_large",
  415: "unsupported",
  421: "host_header",
  429: "overloaded",
};

/** The cause of a status; undefined for one that is no refusal of a sender, like 404 and 503. */
export const causeOf = (status: number): RefusalCause | undefined => CAUSES[status];
