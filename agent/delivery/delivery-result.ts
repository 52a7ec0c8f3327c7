import { retryAfterMs } from "./backoff.ts";
import { exportResponseIn, type HttpAnswer, statusMessageIn } from "./otlp-answer.ts";

/** What became of one request. An expected outcome is a value, which the sender must check. */
export type Delivery =
  | { readonly outcome: "accepted"; readonly rejected: number; readonly message: string }
  | {
      readonly outcome: "later";
      readonly reason: string;
      readonly waitMs?: number;
      /** Something on the way takes smaller requests only. */
      readonly sendLess?: true;
      /** The collector does not let this agent report for a computer of this request. */
      readonly forbidden?: true;
    }
  | { readonly outcome: "too-large" }
  | { readonly outcome: "refused"; readonly reason: string };

export interface Response extends HttpAnswer {
  readonly retryAfter?: string | undefined;
  /** When the server answered, by its own clock. */
  readonly date?: string | undefined;
  readonly location?: string | undefined;
}

/** A collector says so of records that it will never take. */
const FINAL = [400, 415, 422];

/**
 * Only a collector's own answer takes records out of the spool: an ExportLogsServiceResponse, or a google.rpc.Status that says
 * that they are malformed or too large. Bad credentials can be corrected, and another server that answers knows nothing of the
 * records: those are sent again later.
 */
export const deliveryOf = (response: Response, now: number): Delivery => {
  const { status } = response;
  if (status >= 200 && status < 300) {
    const accepted = exportResponseIn(response);
    return accepted ? { outcome: "accepted", ...accepted } : later(response, now, otherServer(response));
  }
  const message = statusMessageIn(response);
  if (message === undefined) return later(response, now, otherServer(response));
  if (status === 413) return { outcome: "too-large" };
  if (FINAL.includes(status)) return { outcome: "refused", reason: reasonOf(status, message) };
  const delivery = later(response, now, reasonOf(status, message));
  return status === 403 ? { ...delivery, forbidden: true } : delivery;
};

const later = (response: Response, now: number, reason: string): Extract<Delivery, { outcome: "later" }> => {
  const waitMs = retryAfterMs(response.retryAfter, now, response.date);
  return {
    outcome: "later",
    reason,
    ...(waitMs !== undefined && { waitMs }),
    ...(response.status === 413 && { sendLess: true as const }),
  };
};

const MESSAGE_MAX = 300;
/** The status and the collector's message: its administrator can tell from them what to correct. */
const reasonOf = (status: number, message: string): string => {
  if (status === 404) return NOT_OTLP;
  const text = message.replaceAll(/\s+/g, " ").replace(/\.$/, "").slice(0, MESSAGE_MAX);
  return text ? `HTTP ${status}: ${text}` : `HTTP ${status}`;
};
const NOT_OTLP = "HTTP 404, so that is no collector's OTLP address; agents report to its otlp.listen";

/** Who may have answered in the collector's place, and where to look. */
const otherServer = (response: Response): string => {
  const { status, contentType, body } = response;
  if (status === 404) return NOT_OTLP;
  const type = contentType?.split(";")[0]?.trim().slice(0, 100) || "no content type";
  return `HTTP ${status} (${type}), which is no collector's answer: ${remedyFor(response, Buffer.from(body).toString("latin1"))}`;
};

const remedyFor = ({ status, location }: Response, text: string): string => {
  if (/plain HTTP request/i.test(text)) return "it speaks TLS; write https:// in collector.url";
  if (status >= 300 && status < 400)
    return `it leads elsewhere${originOf(location)}; write the collector's own address in collector.url`;
  if (status === 407) return "a proxy asks for a login; let agents reach the collector without it";
  if (status === 413) return "a proxy takes smaller requests only; raise its limit for a body to 2 MiB";
  if (status >= 500) return "a proxy may not reach the collector; look at both, and at collector.url";
  return "a proxy, a login page or another server answers in its place; look at collector.url and at what lies on the way";
};

const originOf = (location: string | undefined): string =>
  location !== undefined && URL.canParse(location) ? ` (${new URL(location).origin})` : "";
