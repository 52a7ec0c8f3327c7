import type { NormalisedEvent } from "../../licensing/events/names.ts";
import { isSuccess } from "../../licensing/kms/rules.ts";
import { isUnreachable, type Reason, reasonOf } from "../../licensing/reasons.ts";
import { ATTEMPT_OUTCOMES } from "../../licensing/telemetry/label-values.ts";
import { HOUR, type Instant, MINUTE } from "../../licensing/time.ts";

/** A request that a client sent (12288), or an answer that it got (12289). Plain data. */
export interface Message {
  readonly kind: "request" | "answer";
  readonly at: Instant;
  readonly receivedAt: Instant;
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
  /** A request that has been counted as not answered, or an answer to none, before it was read again. */
  readonly settled?: true;
}

export interface Attempts {
  /** Those that may still belong to one that is on its way, in the order of the client's log. */
  readonly messages: readonly Message[];
  /** Until when the client's log is known. */
  readonly logUntil?: Instant;
}
export const NO_ATTEMPTS: Attempts = { messages: [] };

export { ATTEMPT_OUTCOMES as OUTCOMES };
export type Outcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface AttemptResult {
  readonly outcome: Outcome;
  readonly reason?: Reason;
}

/** A request with its answer, in whichever order they arrived. */
export interface Exchange {
  readonly request: Message;
  readonly answer: Message;
}

/** So many messages wait at most: a client that reaches no host asks every two hours, and a backlog comes at once. */
const MESSAGES_MAX = 256;
/** No answer within this time of the client's own log: none came. */
const ANSWER_WITHIN = 10 * MINUTE;
/** No message belongs to another that is further away. */
export const BELONGS_WITHIN = ANSWER_WITHIN + MINUTE;
/** Records of one computer may come by two ways: so long one waits for what the other brings. */
const ARRIVES_WITHIN = 10 * MINUTE;
/** A message that has its counterpart is kept so long after it was received, in case a nearer one arrives. */
const KEPT_FOR = HOUR;

const messageOf = (
  kind: Message["kind"],
  event: NormalisedEvent,
  { at, receivedAt, imported }: { at: Instant; receivedAt: Instant; imported: boolean },
): Message => ({
  kind,
  at,
  receivedAt,
  ...(event.client_time && { clientTime: event.client_time }),
  ...(event.record_id !== undefined && { recordId: event.record_id }),
  ...(imported && { imported }),
});

/** What an event says of attempts: a message that may have a counterpart, and a result that is certain at once. */
export interface AttemptEvent {
  readonly message?: Message;
  readonly result?: AttemptResult;
}

type Arrival = { readonly at: Instant; readonly receivedAt: Instant; readonly imported: boolean };

/** 12288. One that failed has its result at once; the others wait for their 12289. */
export const requestSent = (event: NormalisedEvent, arrival: Arrival): AttemptEvent => {
  if (event.hresult && !isSuccess(event.hresult)) {
    const reason = reasonOf(event.hresult);
    return { result: { outcome: isUnreachable(reason) ? "no_answer" : "refused", reason } };
  }
  return {
    message: {
      ...messageOf("request", event, arrival),
      ...(event.kms_host && { kmsHost: event.kms_host.toLowerCase() }),
      ...(event.client_machine_id && { cmid: event.client_machine_id }),
      ...(event.activation_id && { activationId: event.activation_id }),
      ...(event.required_count !== undefined && { need: event.required_count }),
    },
  };
};

/** 12289. It counts as itself; its 12288 tells which KMS host and product it was about. */
export const responseProcessed = (event: NormalisedEvent, arrival: Arrival): Required<AttemptEvent> => {
  const result = resultOf(event);
  return {
    result,
    message: {
      ...messageOf("answer", event, arrival),
      ...(result.outcome === "activated" && { activated: true }),
      ...(event.kms_count !== undefined && { count: event.kms_count }),
      ...(event.renewal_interval_minutes !== undefined && { renewalMinutes: event.renewal_interval_minutes }),
    },
  };
};

/** Activated is what the flag says, not the code; a code of zero without it is a count that is too low. */
const resultOf = (event: NormalisedEvent): AttemptResult => {
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

/** The order of time; which of two came first in the log is told by their record numbers. */
const byTime = (a: Message, b: Message): number => a.at - b.at || byNumber(a, b);
const byNumber = (a: Message, b: Message): number =>
  (a.recordId ?? 0) - (b.recordId ?? 0) || a.at - b.at || (a.kind < b.kind ? 1 : -1);

/** The messages with one more, in the order of time. */
export const withMessage = ({ messages, ...attempts }: Attempts, message: Message): Attempts => {
  const place = messages.findLastIndex((it) => byTime(it, message) <= 0) + 1;
  return { ...attempts, messages: messages.toSpliced(place, 0, message) };
};

/** The same with messages that were settled before and are needed again. */
export const withSettled = (attempts: Attempts, messages: readonly Message[]): Attempts => {
  const missing = messages.filter((it) => !attempts.messages.some((known) => isEqual(known, it)));
  if (missing.length === 0) return attempts;
  const paired = new Set(exchangesOf({ messages: missing }).flatMap((it) => [it.request, it.answer]));
  return missing
    .map((it) => (paired.has(it) ? it : { ...it, settled: true as const }))
    .reduce<Attempts>(withMessage, attempts);
};

const isEqual = (a: Message, b: Message): boolean =>
  a.kind === b.kind && a.at === b.at && a.recordId === b.recordId && a.activationId === b.activationId;

/** The same messages, of which one has arrived live, too. */
export const withoutImportMark = ({ messages, ...attempts }: Attempts, live: Message): Attempts => ({
  ...attempts,
  messages: messages.map((it) => {
    if (it.kind !== live.kind || it.at !== live.at || it.recordId !== live.recordId) return it;
    const { imported: _, settled: __, ...message } = it;
    return message;
  }),
});

/** 12289 names neither machine ID nor host: it goes with a request of the same client time, or with the record before it. */
const isAnswerTo = (request: Message, answer: Message): boolean => {
  if (answer.at < request.at - MINUTE || answer.at > request.at + ANSWER_WITHIN) return false;
  if (request.clientTime && answer.clientTime) return request.clientTime === answer.clientTime;
  return request.recordId !== undefined && answer.recordId === request.recordId + 1;
};

/**
 * Which answer belongs to which request, as far as both have arrived. Windows and Office may ask within the same minute: each
 * answer goes to the nearest request before it that has no nearer answer. A function of the set of messages.
 */
export const exchangesOf = ({ messages }: Attempts): Exchange[] =>
  [...Map.groupBy(messages, (it) => it.clientTime).values()].flatMap((it) => exchangesWithin(it.toSorted(byNumber)));

/** Messages that name the same minute of the client's clock, in the order of the client's log. */
const exchangesWithin = (messages: readonly Message[]): Exchange[] => {
  const open: Message[] = [];
  const unmatched: Message[] = [];
  const exchanges: Exchange[] = [];
  for (const it of messages) {
    if (it.kind === "request") {
      open.push(it);
      continue;
    }
    const index = open.findLastIndex((request) => isAnswerTo(request, it));
    if (index < 0) unmatched.push(it);
    else exchanges.push({ request: open.splice(index, 1)[0]!, answer: it });
  }
  // Without record numbers the log may have the answer before the request by a moment.
  for (const answer of unmatched) {
    const index = open.findIndex((request) => !areNumbered(request, answer) && isAnswerTo(request, answer));
    if (index >= 0) exchanges.push({ request: open.splice(index, 1)[0]!, answer });
  }
  return exchanges;
};

const areNumbered = (a: Message, b: Message): boolean => a.recordId !== undefined && b.recordId !== undefined;

/** Nothing can stand between two records that follow each other: no other message will ever take one of them. */
export const isCertain = ({ request, answer }: Exchange): boolean =>
  request.recordId !== undefined && answer.recordId === request.recordId + 1;

/** Until then a message that arrives late may show that the answer belongs to another request. */
export const openUntil = ({ request, answer }: Exchange): Instant =>
  Math.max(request.receivedAt, answer.receivedAt) + KEPT_FOR;

const isSame = (a: Exchange, b: Exchange): boolean =>
  isSameMessage(a.request, b.request) && isSameMessage(a.answer, b.answer);
const isSameMessage = (a: Message, b: Message): boolean =>
  a.at === b.at && a.recordId === b.recordId && a.activationId === b.activationId && a.kmsHost === b.kmsHost;

export interface ExchangeChanges {
  readonly found: readonly Exchange[];
  readonly withdrawn: readonly Exchange[];
  /** Those that further messages may change. */
  readonly open: readonly Exchange[];
}

/** Exchanges that a newly arrived message completes, and those that turned out to be others. It changes none of another minute. */
export const exchangeChanges = (before: Attempts, now: Attempts, { clientTime }: Message): ExchangeChanges => {
  const [was, is] = [before, now].map(({ messages }) =>
    exchangesWithin(messages.filter((it) => it.clientTime === clientTime).sort(byNumber)),
  ) as [Exchange[], Exchange[]];
  const found = is.filter((it) => !was.some((other) => isSame(it, other)));
  const withdrawn = was.filter((it) => !is.some((other) => isSame(it, other)));
  const isSteady = found.length + withdrawn.length === 0;
  return { found, withdrawn, open: isSteady ? [] : exchangesOf(now).filter((it) => !isCertain(it)) };
};

export interface SettledAttempts {
  readonly attempts: Attempts;
  /** Requests that count as not answered. */
  readonly unanswered: readonly Message[];
  /** Exchanges that nothing can change any more, though something could have until now. */
  readonly closed: readonly Exchange[];
}

/**
 * Settles requests that got no answer: the client's log is known until ten minutes after them, and so long ago they arrived.
 * Forgets exchanges that no message can change any more.
 */
export const settleAttempts = (
  attempts: Attempts,
  { logUntil, now }: { logUntil: Instant | undefined; now: Instant },
): SettledAttempts => {
  if (attempts.messages.length === 0) return { attempts, unanswered: [], closed: [] };
  const known = Math.max(attempts.logUntil ?? 0, logUntil ?? 0, attempts.messages.at(-1)?.at ?? 0);
  const exchanges = exchangesOf(attempts);
  const answered = new Map<Message, Instant>();
  for (const it of exchanges) {
    answered.set(it.request, openUntil(it));
    answered.set(it.answer, openUntil(it));
  }
  const isWaiting = (it: Message): boolean => {
    const until = answered.get(it);
    if (until !== undefined) return now <= until;
    return known < it.at + ANSWER_WITHIN || now < it.receivedAt + (it.kind === "answer" ? KEPT_FOR : ARRIVES_WITHIN);
  };
  const messages = mostUrgent(attempts.messages.filter(isWaiting), answered);
  const left = new Set(messages);
  const unanswered = attempts.messages.filter(
    (it) => it.kind === "request" && !left.has(it) && !answered.has(it) && !it.imported && !it.settled,
  );
  if (messages.length === attempts.messages.length && attempts.logUntil === known)
    return { attempts, unanswered, closed: [] };
  return {
    attempts: { messages, ...(messages.length > 0 && { logUntil: known }) },
    unanswered,
    closed: exchanges.filter((it) => !isCertain(it) && !left.has(it.answer)),
  };
};

/** What is over the limit is forgotten, the oldest first: first what has its counterpart, because it can be read again. */
const mostUrgent = (messages: readonly Message[], answered: ReadonlyMap<Message, Instant>): readonly Message[] => {
  const excess = messages.length - MESSAGES_MAX;
  if (excess <= 0) return messages;
  const inOrder = [...messages.filter((it) => answered.has(it)), ...messages.filter((it) => !answered.has(it))];
  const forgotten = new Set(inOrder.slice(0, excess));
  return messages.filter((it) => !forgotten.has(it));
};
