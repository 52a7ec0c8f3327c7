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

/** What to do about refused requests, by cause: one sentence for the status page. */
export const REMEDIES: Readonly<Record<RefusalCause, string>> = {
  unauthenticated: "Give the sender a token of otlp.tokens_file, or the login of http.basic_auth.",
  forbidden: "Give the sender a certificate or token for its own name, or list its name in otlp.forwarders.",
  certificate: "Give the sender a certificate of a CA in tls.client_ca_file that is neither expired nor revoked.",
  host_header: "Call the collector by its own name, or list the proxy's name in allowed_hosts.",
  too_large: "Let the sender send less at once, or raise otlp.max_body_size.",
  unsupported: "Let the sender send OTLP/HTTP logs in protobuf or JSON, with gzip or without compression.",
  malformed: "Look at the sender: what it sends is not OTLP.",
  overloaded:
    "Nothing to do if the sender repeats it; otherwise look for a sender that sends too much, or wrong credentials.",
};
