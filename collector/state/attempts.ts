import type { NormalisedEvent } from "../../licensing/events/names.ts";
import { isSuccess } from "../../licensing/kms/rules.ts";
import { isUnreachable, type Reason, reasonOf } from "../../licensing/reasons.ts";
import { ATTEMPT_OUTCOMES } from "../../licensing/telemetry/label-values.ts";
import { type Instant, MINUTE } from "../../licensing/time.ts";

/** A request that a client sent (12288), or an answer (12289), that waits for its other pendingMessage. */
export interface PendingMessage {
  readonly at: Instant;
  readonly clientTime?: string;
  readonly recordId?: number;
  /** Of a request: where it went and for what. */
  readonly kmsHost?: string;
  readonly cmid?: string;
  readonly activationId?: string;
  readonly need?: number;
  /** Of an answer: what it said. */
  readonly activated?: true;
  readonly count?: number;
  readonly renewalMinutes?: number;
  /** From imported history: it is never counted, also when nothing answers it. */
  readonly imported?: true;
}

export interface Attempts {
  readonly requests: readonly PendingMessage[];
  readonly answers: readonly PendingMessage[];
}
export const NO_ATTEMPTS: Attempts = { requests: [], answers: [] };

export { ATTEMPT_OUTCOMES as OUTCOMES };
export type Outcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface AttemptResult {
  readonly outcome: Outcome;
  readonly reason?: Reason;
}

/** A client asks every two hours at most; more halves than this cannot wait within ten minutes. */
const PENDING_MAX = 16;
/** No answer within this time of the client's own log: none came. */
const ANSWER_WITHIN = 10 * MINUTE;

/** A request with its answer, in whichever order they arrived. */
export interface Exchange {
  readonly request: PendingMessage;
  readonly answer: PendingMessage;
}

const pendingMessage = (event: NormalisedEvent, at: Instant): PendingMessage => ({
  at,
  ...(event.client_time && { clientTime: event.client_time }),
  ...(event.record_id !== undefined && { recordId: event.record_id }),
  ...(event.kms_host && { kmsHost: event.kms_host.toLowerCase() }),
  ...(event.client_machine_id && { cmid: event.client_machine_id }),
  ...(event.activation_id && { activationId: event.activation_id }),
  ...(event.required_count !== undefined && { need: event.required_count }),
});

/** 12288. One that failed has ended at once; the others wait for their 12289, which may have arrived before them. */
export const recordRequestSent = (
  attempts: Attempts,
  event: NormalisedEvent,
  { at, imported }: { at: Instant; imported: boolean },
): { attempts: Attempts; ended?: AttemptResult; exchange?: Exchange } => {
  const request: PendingMessage = { ...pendingMessage(event, at), ...(imported && { imported }) };
  if (event.hresult && !isSuccess(event.hresult)) {
    const reason = reasonOf(event.hresult);
    return { attempts, ended: { outcome: isUnreachable(reason) ? "no_answer" : "refused", reason } };
  }
  const answer = attempts.answers.findIndex((it) => isAnswerTo(request, it));
  if (answer >= 0)
    return {
      attempts: { ...attempts, answers: attempts.answers.toSpliced(answer, 1) },
      exchange: { request, answer: attempts.answers[answer]! },
    };
  return { attempts: { ...attempts, requests: [...attempts.requests, request].slice(-PENDING_MAX) } };
};

const answerOf = (event: NormalisedEvent, at: Instant, { outcome }: AttemptResult): PendingMessage => ({
  ...pendingMessage(event, at),
  ...(outcome === "activated" && { activated: true }),
  ...(event.kms_count !== undefined && { count: event.kms_count }),
  ...(event.renewal_interval_minutes !== undefined && { renewalMinutes: event.renewal_interval_minutes }),
});

/** 12289. It counts as itself; its 12288 tells which KMS host and product it was about. */
export const recordResponse = (
  attempts: Attempts,
  event: NormalisedEvent,
  at: Instant,
): { attempts: Attempts; ended: AttemptResult; exchange?: Exchange } => {
  const ended = outcomeOf(event);
  const answer = answerOf(event, at, ended);
  const index = attempts.requests.findLastIndex((it) => isAnswerTo(it, answer));
  const request = attempts.requests[index];
  return request
    ? {
        attempts: { ...attempts, requests: attempts.requests.toSpliced(index, 1) },
        ended,
        exchange: { request, answer },
      }
    : { attempts: { ...attempts, answers: [...attempts.answers, answer].slice(-PENDING_MAX) }, ended };
};

/** Activated is what the flag says, not the code; a code of zero without it is a count that is too low. */
const outcomeOf = (event: NormalisedEvent): AttemptResult => {
  if (event.activated && event.hresult && isSuccess(event.hresult)) return { outcome: "activated" };
  const flags = Number(event.status_flags ?? 0);
  const failed = event.hresult && !isSuccess(event.hresult) ? reasonOf(event.hresult) : undefined;
  return { outcome: "refused", reason: failed ?? reasonOfFlags(flags) };
};

/** Planning guide, Table 11: status flags of the response. */
const reasonOfFlags = (flags: number): Reason => {
  if (flags & 0x0400_0000) return "count_too_low";
  if (flags & 0x0800_0000) return "bios_marker_missing";
  return flags & 0x0300_0000 ? "host_unreachable" : "other";
};

/** 12289 names neither machine ID nor host: it goes with the request of the same client time, or the record before it. */
const isAnswerTo = (request: PendingMessage, answer: PendingMessage): boolean => {
  if (answer.at < request.at - MINUTE || answer.at > request.at + ANSWER_WITHIN) return false;
  if (request.clientTime && answer.clientTime) return request.clientTime === answer.clientTime;
  return request.recordId !== undefined && answer.recordId === request.recordId + 1;
};

/** Requests that got no answer until this instant of the client's log; `unanswered` are those of them that count. */
export const sweepAttempts = (attempts: Attempts, until: Instant): { attempts: Attempts; unanswered: number } => {
  const waiting = attempts.requests.filter((it) => it.at + ANSWER_WITHIN >= until);
  const answers = attempts.answers.filter((it) => it.at + ANSWER_WITHIN >= until);
  const unanswered = attempts.requests.filter((it) => !it.imported && !waiting.includes(it)).length;
  return waiting.length === attempts.requests.length && answers.length === attempts.answers.length
    ? { attempts, unanswered }
    : { attempts: { requests: waiting, answers }, unanswered };
};
