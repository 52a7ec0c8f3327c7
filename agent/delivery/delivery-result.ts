import { OtlpError } from "../../otlp/logs.ts";
import { decodeResponse, decodeStatus } from "../../otlp/protobuf.ts";
import { retryAfterMs } from "./backoff.ts";

/** What became of one request. An expected outcome is a value: whoever sends must look at it. */
export type Delivery =
  | { readonly outcome: "accepted"; readonly rejected: number; readonly message: string }
  | { readonly outcome: "later"; readonly waitMs?: number; readonly reason: string }
  | { readonly outcome: "too-large" }
  | { readonly outcome: "refused"; readonly reason: string };

export interface Response {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly body: Uint8Array;
}

/** Bad credentials are "later", they can be mended; bad data is "refused", it stays bad. */
export const deliveryOf = ({ status, retryAfter, body }: Response, now: number): Delivery => {
  if (status >= 200 && status < 300) return accepted(body);
  if (status === 413) return { outcome: "too-large" };
  if (status === 400 || status === 415 || status === 422) return { outcome: "refused", reason: said(status, body) };
  const waitMs = retryAfterMs(retryAfter, now);
  return { outcome: "later", reason: said(status, body), ...(waitMs !== undefined && { waitMs }) };
};

const SAID_MAX = 300;
/** The status, and what the collector says of it: by that its administrator can tell what to mend. */
const said = (status: number, body: Uint8Array): string => {
  if (status === 404) return "HTTP 404, so that is no collector's OTLP address; agents report to its otlp.listen";
  try {
    const message = decodeStatus(body).message.replaceAll(/\s+/g, " ").replace(/\.$/, "");
    return message ? `HTTP ${status}: ${message.slice(0, SAID_MAX)}` : `HTTP ${status}`;
  } catch (cause) {
    if (cause instanceof OtlpError) return `HTTP ${status}`;
    throw cause;
  }
};

/** A 2xx is final even if its body is odd: sending again would not make it clearer. */
const accepted = (body: Uint8Array): Delivery => {
  try {
    return { outcome: "accepted", ...decodeResponse(body) };
  } catch (cause) {
    if (cause instanceof OtlpError) return { outcome: "accepted", rejected: 0, message: "" };
    throw cause;
  }
};
