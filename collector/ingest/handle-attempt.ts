import { isUnreachable, reasonOf } from "../../licensing/reasons.ts";
import type { Instant } from "../../licensing/time.ts";
import {
  type AttemptEvent,
  type AttemptResult,
  type Exchange,
  exchangeChanges,
  exchangesOf,
  requestSent,
  responseProcessed,
  settleAttempts,
  withMessage,
} from "../state/attempts.ts";
import type { ComputerState } from "../state/computer.ts";
import { type FailureSign, recordFailureSign } from "../state/failures.ts";
import { recordKmsTarget } from "../state/kms/targets.ts";
import { recordActivation, recordRenewal, recordStateBefore, withdrawActivation } from "../state/licenses.ts";
import { sumKey } from "../store/sums.ts";
import type { AcceptedEvent, Origin } from "./accepted-record.ts";
import type { ComputerEntry } from "./changes/computers.ts";
import { recordCalled, recordToldCount, withdrawToldCount } from "./kms/kms-host-names.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** 12288: a request that a client sent. */
export const handleRequestSent = (work: UnitOfWork, computer: ComputerEntry, record: AcceptedEvent): void => {
  const { event, origin, at } = record;
  recordStateBefore(computer.state, {
    activationId: event.activation_id,
    status: event.license_status,
    minutes: event.minutes_to_expiration,
    at,
    products: work.products,
  });
  recordKmsTarget(computer.state, event.kms_host, at);
  // An ID that computers share is shown by the KMS hosts that they ask.
  for (const it of computer.state.machineIds ?? [])
    if (it.shared) work.changedIds.add(it.id, { computer: origin.host });
  recordCalled(work, { event, at });
  recordAttempt(work, computer, { origin, at, attempt: requestSent(event, { ...origin, at }) });
};

/** 12289: an answer that a client got. */
export const handleResponse = (work: UnitOfWork, computer: ComputerEntry, record: AcceptedEvent): void => {
  const { event, origin, at } = record;
  const attempt = responseProcessed(event, { ...origin, at });
  if (attempt.result.outcome === "activated") recordRenewal(computer.state, at);
  recordAttempt(work, computer, { origin, at, attempt });
};

const recordAttempt = (
  work: UnitOfWork,
  { state }: ComputerEntry,
  { origin, at, attempt }: { origin: Origin; at: Instant; attempt: AttemptEvent },
): void => {
  if (attempt.result && !origin.imported) countResult(work, origin.host, state, { at, result: attempt.result });
  if (!attempt.message) return;
  const before = state.attempts;
  state.attempts = withMessage(before, attempt.message);
  const { found, withdrawn, open } = exchangeChanges(before, state.attempts, attempt.message);
  for (const it of withdrawn) {
    const activation = activationOf(it, open);
    if (activation) withdrawActivation(state, { ...activation, products: work.products });
    withdrawToldCount(work, it);
  }
  for (const it of found) {
    const activation = activationOf(it, open);
    if (activation) recordActivation(state, { ...activation, products: work.products });
    recordToldCount(work, it);
  }
};

/** The activation that an exchange tells of, and those of the same product that are not certain; undefined for another answer. */
const activationOf = ({ request: { activationId }, answer }: Exchange, open: readonly Exchange[]) =>
  answer.activated && activationId !== undefined
    ? {
        activationId,
        at: answer.at,
        renewalMinutes: answer.renewalMinutes,
        open: open
          .filter((it) => it.answer.activated && it.request.activationId === activationId)
          .map(({ answer: { at, renewalMinutes } }) => ({ at, ...(renewalMinutes && { renewalMinutes }) })),
      }
    : undefined;

/** 8198: the activation service failed. For MAK, retail and digital licenses nothing but 8233 tells of it. */
export const countActivationFailed = (
  work: UnitOfWork,
  { state }: Pick<ComputerEntry, "state">,
  { event, origin, at }: Pick<AcceptedEvent, "event" | "origin" | "at">,
): void => {
  if (origin.imported || !event.hresult) return;
  const reason = reasonOf(event.hresult);
  const result: AttemptResult = { outcome: isUnreachable(reason) ? "no_answer" : "refused", reason };
  countFailure(work, origin.host, state, { at, sign: "service", result });
};

/** Counts what came of an exchange that is no import. */
export const countResult = (
  work: UnitOfWork,
  host: string,
  state: ComputerState,
  { at, result }: { at: Instant; result: AttemptResult },
): void => {
  countOtherAttempt(work, host, state, { at, sign: "exchange", result });
};

/** Counts an attempt that another event tells of, unless a failure of it has been counted by another sign. */
export const countOtherAttempt = (
  work: UnitOfWork,
  host: string,
  state: ComputerState,
  { at, sign, result }: { at: Instant; sign: FailureSign; result: AttemptResult },
): void => {
  if (result.outcome === "activated") countAttempt(work, host, { state, result });
  else countFailure(work, host, state, { at, sign, result });
};

const countFailure = (
  work: UnitOfWork,
  host: string,
  state: ComputerState,
  { at, sign, result }: { at: Instant; sign: FailureSign; result: AttemptResult },
): void => {
  const { failures, counts } = recordFailureSign(state.failures ?? [], { at, sign });
  state.failures = failures;
  if (counts) countAttempt(work, host, { state, result });
};

const countAttempt = (
  work: UnitOfWork,
  host: string,
  { state, result }: { state: ComputerState; result: AttemptResult },
): void => {
  const name = work.zoneOf(host, state);
  work.addToSum(sumKey("attempts", name, result.outcome));
  if (result.reason) work.addToSum(sumKey("failures", name, result.reason));
};

/** Counts requests that nothing answered, of every computer of this transaction. */
export const settleAllAttempts = (work: UnitOfWork, now: Instant): void => {
  for (const [host, { state }] of work.computers()) {
    if (state.attempts.messages.length === 0) continue;
    const logUntil = Math.max(state.logUntil ?? 0, state.target?.at ?? 0);
    const { attempts, unanswered, closed } = settleAttempts(state.attempts, { logUntil, now });
    state.attempts = attempts;
    const open = closed.length > 0 ? exchangesOf(attempts) : [];
    for (const it of closed) {
      const activation = activationOf(it, open);
      if (activation) recordActivation(state, { ...activation, products: work.products });
    }
    for (const { at } of unanswered)
      countResult(work, host, state, { at, result: { outcome: "no_answer", reason: "host_unreachable" } });
  }
};
