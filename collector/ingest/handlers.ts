import { DAY } from "../../licensing/time.ts";
import { forgetFuture, recordIdentity } from "../state/computer.ts";
import { recordDnsPublication } from "../state/kms/host.ts";
import type { AcceptedEvent, AcceptedRecord } from "./accepted-record.ts";
import type { ComputerEntry } from "./changes/computers.ts";
import { countActivationFailed, handleRequestSent, handleResponse } from "./handle-attempt.ts";
import { handleEffect } from "./handle-effect.ts";
import { handleHeartbeat } from "./handle-heartbeat.ts";
import { handleLicensing } from "./handle-licensing.ts";
import { handleProbe } from "./handle-probe.ts";
import { handleKmsRequest } from "./kms/handle-kms-request.ts";
import { kmsHostOf } from "./kms/kms-host-of.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** What one fact changes. Facts come here once: events that were new, readings and heartbeats by their time. */
export const handleRecord = (work: UnitOfWork, record: AcceptedRecord): void => {
  const computer = work.computer(record.origin.host);
  recordOrigin(work, computer, record);
  if (record.kind === "event") handleEvent(work, computer, record);
  else if (record.kind === "licensing") handleLicensing(work, computer, record);
  else if (record.kind === "heartbeat") handleHeartbeat(work, computer, record);
  else handleProbe(work, record);
};

/** A computer was last seen when its newest fact happened, whichever sender reports it and whenever. */
const recordOrigin = (work: UnitOfWork, computer: ComputerEntry, { origin, at }: AcceptedRecord): void => {
  const { host: key, receivedAt } = origin;
  // A time that has not come yet was stored by a clock that was wrong.
  const isFuture = computer.seenAt > receivedAt + DAY;
  if (isFuture) forgetFuture(computer.state, receivedAt);
  computer.seenAt = isFuture ? at : Math.max(computer.seenAt, at);
  if (work.memory.retirement.isRetired({ key, seenAt: computer.seenAt }, receivedAt)) computer.state.retired = true;
  else if (computer.state.retired) delete computer.state.retired;
  if (origin.own) recordIdentity(computer.state, origin, at);
};

const handleEvent = (work: UnitOfWork, computer: ComputerEntry, record: AcceptedEvent): void => {
  const { event, origin } = record;
  switch (event.event) {
    case "kms_request_processed":
      handleKmsRequest(work, record);
      return;
    case "kms_request_sent":
      handleRequestSent(work, computer, record);
      break;
    case "kms_response_processed":
      handleResponse(work, computer, record);
      break;
    case "activation_failed":
      countActivationFailed(work, computer, record);
      break;
    case "kms_dns_published":
    case "kms_dns_publish_failed":
      handleDnsPublication(work, record);
      break;
    default:
      handleEffect(work, computer, record);
  }
  const isUnclear = event.problems !== undefined;
  if (isUnclear)
    work.putUninterpreted(origin.receivedAt, origin.host, event.problems!.join("; ").slice(0, 500), record.row.fact);
  work.count("event", isUnclear ? "uninterpreted" : "accepted", origin);
};

const handleDnsPublication = (work: UnitOfWork, { event, origin, at }: AcceptedEvent): void => {
  const host = event.dns_domain ? kmsHostOf(work, { origin, at }) : undefined;
  if (host) recordDnsPublication(host, event.dns_domain!, event.event === "kms_dns_published", at);
};
