import type { Instant } from "../../licensing/time.ts";
import {
  type AttemptEvent,
  type AttemptResult,
  exchangeChanges,
  requestSent,
  responseProcessed,
  settleAttempts,
  withMessage,
} from "../state/attempts.ts";
import { recordKmsTarget } from "../state/kms-targets.ts";
import { recordActivation, recordStateBefore, withdrawActivation } from "../state/licenses.ts";
import { sumKey } from "../store/sums.ts";
import type { AcceptedEvent, Origin } from "./accepted-record.ts";
import { recordCalled, recordToldCount, withdrawToldCount } from "./kms-host-names.ts";
import type { ComputerEntry, UnitOfWork } from "./unit-of-work.ts";

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
  recordCalled(work, { event, at });
  recordAttempt(work, computer, { origin, attempt: requestSent(event, { ...origin, at }) });
};

/** 12289: an answer that a client got. */
export const handleResponse = (work: UnitOfWork, computer: ComputerEntry, record: AcceptedEvent): void => {
  const { event, origin, at } = record;
  const attempt = responseProcessed(event, { ...origin, at });
  if (attempt.result.outcome === "activated")
    recordActivation(computer.state, {
      activationId: undefined,
      at,
      renewalMinutes: attempt.message.renewalMinutes,
      products: work.products,
    });
  recordAttempt(work, computer, { origin, attempt });
};

const recordAttempt = (
  work: UnitOfWork,
  { state }: ComputerEntry,
  { origin, attempt }: { origin: Origin; attempt: AttemptEvent },
): void => {
  if (attempt.result && !origin.imported) countAttempt(work, origin.host, { zone: state.zone, result: attempt.result });
  if (!attempt.message) return;
  const before = state.attempts;
  state.attempts = withMessage(before, attempt.message);
  const { found, withdrawn } = exchangeChanges(before, state.attempts);
  for (const it of withdrawn) {
    const { activationId } = it.request;
    if (it.answer.activated && activationId)
      withdrawActivation(state, { activationId, at: it.answer.at, products: work.products });
    withdrawToldCount(work, it);
  }
  for (const it of found) {
    const { at, activated, renewalMinutes } = it.answer;
    const { activationId } = it.request;
    if (activated) recordActivation(state, { activationId, at, renewalMinutes, products: work.products });
    recordToldCount(work, it);
  }
};

/** Counts what came of an attempt that is no import. */
export const countAttempt = (
  work: UnitOfWork,
  host: string,
  { zone, result }: { zone: string | undefined; result: AttemptResult },
): void => {
  const name = work.zoneOf(host, zone);
  work.addToSum(sumKey("attempts", name, result.outcome));
  if (result.reason) work.addToSum(sumKey("failures", name, result.reason));
};

/** Counts requests that nothing answered, of every computer of this transaction. */
export const settleAllAttempts = (work: UnitOfWork, now: Instant): void => {
  for (const [host, { state }] of work.computers()) {
    if (state.attempts.messages.length === 0) continue;
    const { attempts, unanswered } = settleAttempts(state.attempts, { logUntil: state.logUntil, now });
    state.attempts = attempts;
    const result: AttemptResult = { outcome: "no_answer", reason: "host_unreachable" };
    for (let i = 0; i < unanswered; i += 1) countAttempt(work, host, { zone: state.zone, result });
  }
};
