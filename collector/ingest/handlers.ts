import { duplicateUntil, withName } from "../../licensing/kms/duplicates.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { isCount, kmsReadingOf } from "../../licensing/kms/reading.ts";
import { poolOf } from "../../licensing/kms/rules.ts";
import { licensesOf, numberOf, STATUSES } from "../../licensing/license.ts";
import { parseWindowsTime } from "../../licensing/time.ts";
import { recordAgentHeartbeat } from "../state/agent-heartbeat.ts";
import {
  type AttemptResult,
  type Exchange,
  recordRequestSent,
  recordResponse,
  sweepAttempts,
} from "../state/attempts.ts";
import { recordAgreeingClock, recordSkewedClock } from "../state/client-clocks.ts";
import { recordIdentity } from "../state/computer.ts";
import {
  type KmsRequest,
  recordDnsPublication,
  recordDuplicate,
  recordKmsHeartbeat,
  recordKmsReading,
  recordLogNumber,
  recordRequest,
  recordToldCount,
  requestOf,
} from "../state/kms-host.ts";
import { clientsKnown, KMS_HOSTS_MAX, type KmsHostState } from "../state/kms-host-state.ts";
import { clearRefusedClient, recordRefusedClient } from "../state/kms-keys.ts";
import { recordKmsTarget } from "../state/kms-targets.ts";
import { recordActivation, recordLicenses, recordStateBefore } from "../state/licenses.ts";
import { recordProbe } from "../state/probes.ts";
import { sumKey } from "../store/sums.ts";
import type { AcceptedEvent, AcceptedRecord, Origin } from "./accepted-record.ts";
import type { ComputerEntry, Work } from "./changes.ts";

/** What one fact changes. Facts come here once: events that were new, readings and heartbeats by their time. */
export const handleRecord = (work: Work, item: AcceptedRecord): void => {
  const computer = work.computer(item.origin.host);
  recordOrigin(work, computer, item);
  if (item.kind === "event") applyEvent(work, computer, item);
  else if (item.kind === "licensing") applyLicensing(work, computer, item);
  else if (item.kind === "heartbeat") applyHeartbeat(work, computer, item);
  else applyProbe(work, item);
};

/** An agent that delivers is alive now, however old what it delivers; what others tell is as old as it says. */
const recordOrigin = (work: Work, computer: ComputerEntry, { origin, at }: AcceptedRecord): void => {
  const { host: key, receivedAt } = origin;
  const seen = origin.own && !origin.imported ? receivedAt : at;
  computer.seenAt = Math.max(computer.seenAt, seen);
  if (work.memory.retirement.isRetired({ key, seenAt: computer.seenAt }, receivedAt)) computer.state.retired = true;
  else delete computer.state.retired;
  if (origin.own) recordIdentity(computer.state, origin, at);
};

const applyEvent = (work: Work, computer: ComputerEntry, item: AcceptedEvent): void => {
  const { event } = item;
  switch (event.event) {
    case "kms_request_processed":
      applyRequestProcessed(work, item);
      return;
    case "kms_request_sent":
      applyRequestSent(work, computer, item);
      break;
    case "kms_response_processed":
      applyResponse(work, computer, item);
      break;
    case "kms_dns_published":
    case "kms_dns_publish_failed":
      applyPublished(work, item);
      break;
    default:
  }
  const unclear = event.problems !== undefined && event.event !== "other";
  if (unclear) putUninterpreted(work, item, event.problems!.join("; "));
  work.count("event", unclear ? "uninterpreted" : "accepted");
};

const applyPublished = (work: Work, { event, origin, at }: AcceptedEvent): void => {
  const host = event.dns_domain ? hostOf(work, origin) : undefined;
  if (host) recordDnsPublication(host, event.dns_domain!, event.event === "kms_dns_published", at);
};

const putUninterpreted = (work: Work, { origin, row }: AcceptedEvent, reason: string): void =>
  work.putUninterpreted(origin.receivedAt, origin.host, reason.slice(0, 500), row.fact);

const hostOf = (work: Work, origin: Origin) => {
  const host = work.host(origin.host);
  if (!host) return undefined;
  if (origin.own && origin.zone !== undefined) host.zone = origin.zone;
  if (origin.own && origin.os !== undefined) host.os = origin.os;
  return host;
};

const TOO_MANY_HOSTS = `there are ${KMS_HOSTS_MAX} KMS hosts already; list the real ones in kms.expected_hosts`;

const applyRequestProcessed = (work: Work, item: AcceptedEvent): void => {
  const { event, origin, at } = item;
  const request = requestOf(event, at, work.memory.products);
  const host = request && hostOf(work, origin);
  if (!request || !host) {
    const what = request ? TOO_MANY_HOSTS : "a request without all that counting needs";
    putUninterpreted(work, item, event.problems?.join("; ") ?? what);
    work.count("event", "uninterpreted");
    return;
  }
  recordLogNumber(host, event.record_id, at);
  if (!recordRequest(host, request)) work.mustRebuild(origin.host);
  work.count("event", "accepted");
  if (!origin.imported) {
    const status = STATUSES[request.status ?? -1];
    if (status) work.addToSum(sumKey("requests", origin.host, request.pool, status));
    if (!request.valid) work.addToSum(sumKey("request_failures", origin.host, request.pool, request.reason));
  }
  recordClientClock(work, host, item, request);
  if (!request.valid) {
    recordRefusal(work, host, item, request);
    return;
  }
  const client = work.client(origin.host, request.pool, request.cmid);
  if (request.name) client.state.runs = withName(client.state.runs, request.name, at);
  const until = duplicateUntil(client.state.runs);
  if (until !== undefined)
    recordDuplicate(host, request.cmid, [...new Set(client.state.runs.map((it) => it[0]))], until);
  if (at < client.lastAt) return;
  client.lastAt = at;
  clearRefusedClient(host.refused, request.cmid, event.activation_id, at);
  Object.assign(client.state, {
    clientTime: request.clientTime,
    activationId: event.activation_id,
    status: request.status,
  });
};

/** Whatever the answer: at four hours off it is a refusal. */
const recordClientClock = (
  work: Work,
  host: KmsHostState,
  { clockOff: quarters, origin, at }: AcceptedEvent,
  request: KmsRequest,
): void => {
  const { cmid, name, pool } = request;
  if (quarters === 0) {
    recordAgreeingClock(host.clocks, cmid, at, () => clientsKnown(host, at));
    return;
  }
  if ((work.knownClient(origin.host, pool, cmid)?.lastAt ?? 0) > at) return;
  const { zone, heartbeat } = work.knownComputer(name) ?? {};
  recordSkewedClock(host.clocks, cmid, {
    name,
    quarters,
    at,
    ...(zone && { zone }),
    ...(heartbeat && { ownAgent: true }),
  });
};

/** A client that was served here within 30 days is counted as such. */
const recordRefusal = (
  work: Work,
  host: KmsHostState,
  { event, origin, at }: AcceptedEvent,
  request: KmsRequest,
): void => {
  const { cmid, name, pool, reason } = request;
  const { activation_id: activationId } = event;
  if (reason !== "unsupported_product" || !activationId) return;
  const served = work.knownClient(origin.host, pool, cmid);
  if (served?.state.activationId === activationId && served.lastAt > at - CLIENT_LIFETIME) return;
  recordRefusedClient(host.refused, cmid, { name, activationId, at });
};

const applyRequestSent = (work: Work, computer: ComputerEntry, { event, origin, at }: AcceptedEvent): void => {
  const { state } = computer;
  sweep(work, computer, origin, at);
  recordStateBefore(state, {
    activationId: event.activation_id,
    status: event.license_status,
    minutes: event.minutes_to_expiration,
    at,
    products: work.memory.products,
  });
  recordKmsTarget(state, event.kms_host, at);
  learnAlias(work, event);
  const { attempts, ended, exchange } = recordRequestSent(state.attempts, event, { at, imported: origin.imported });
  state.attempts = attempts;
  if (ended) countAttempt(work, computer, origin, ended);
  if (exchange) applyExchange(work, computer, exchange);
};

const applyResponse = (work: Work, computer: ComputerEntry, { event, origin, at }: AcceptedEvent): void => {
  const { state } = computer;
  const { attempts, ended, exchange } = recordResponse(state.attempts, event, at);
  state.attempts = attempts;
  countAttempt(work, computer, origin, ended);
  const renewalMinutes = event.renewal_interval_minutes;
  if (exchange) applyExchange(work, computer, exchange);
  else if (ended.outcome === "activated")
    recordActivation(state, { activationId: undefined, at, renewalMinutes, products: work.memory.products });
};

const applyExchange = (work: Work, { state }: ComputerEntry, { request, answer }: Exchange): void => {
  const { products } = work.memory;
  const { at, count, renewalMinutes } = answer;
  if (answer.activated) recordActivation(state, { activationId: request.activationId, at, renewalMinutes, products });
  const name = request.kmsHost && kmsHostNamed(work, request.kmsHost);
  const host = name && work.host(name);
  if (!host || count === undefined || !isCount(count)) return;
  recordToldCount(host, poolOf(request.activationId ?? "", request.need ?? 0, products), {
    count,
    at,
    renewalMinutes,
  });
};

/** The KMS host a client means: its FQDN, or a name or address learned by a join (rule 12). */
const kmsHostNamed = (work: Work, name: string): string | undefined =>
  work.knownHost(name) ? name : work.hostNames().find((it) => aliasesOf(work, it).includes(name));
const aliasesOf = (work: Work, host: string): readonly string[] => work.knownHost(host)?.aliases ?? [];

const ALIASES_MAX = 50;

/** Machine ID, client time and product of a request that the host logged: the same request, so the same host. */
const learnAlias = (work: Work, event: AcceptedEvent["event"]): void => {
  const { client_machine_id: cmid, activation_id: id, required_count: need, client_time: time } = event;
  const name = event.kms_host?.toLowerCase();
  if (!name || !cmid || !id || !time || need === undefined || kmsHostNamed(work, name)) return;
  const pool = poolOf(id, need, work.memory.products);
  const host = work.hostNames().find((it) => {
    const client = work.knownClient(it, pool, cmid);
    return client?.state.clientTime === time && client.state.activationId === id;
  });
  if (host && aliasesOf(work, host).length < ALIASES_MAX) work.host(host)?.aliases.push(name);
};

const sweep = (work: Work, computer: ComputerEntry, origin: Origin, until: number): void => {
  const { attempts, unanswered } = sweepAttempts(computer.state.attempts, until);
  computer.state.attempts = attempts;
  for (let i = 0; i < unanswered; i += 1)
    countAttempt(work, computer, origin, { outcome: "no_answer", reason: "host_unreachable" });
};

const countAttempt = (
  work: Work,
  { state }: ComputerEntry,
  origin: Origin,
  { outcome, reason }: AttemptResult,
): void => {
  if (origin.imported) return;
  const zone = work.memory.zoneOf(origin.host, state.zone);
  work.addToSum(sumKey("attempts", zone, outcome));
  if (reason) work.addToSum(sumKey("failures", zone, reason));
};

const applyLicensing = (
  work: Work,
  computer: ComputerEntry,
  item: Extract<AcceptedRecord, { kind: "licensing" }>,
): void => {
  const { fact, origin, at } = item;
  const { products } = work.memory;
  const licenses = licensesOf(fact, at);
  for (const it of licenses) work.learn(it.activationId, it.name, it.application);
  const rearmsLeft = numberOf(fact.service?.RemainingWindowsReArmCount);
  const { imported } = origin;
  const recorded = recordLicenses(computer.state, { licenses, rearmsLeft, observedAt: at, products, imported });
  work.count("licensing", recorded ? "accepted" : "duplicate");
  if (!recorded) return;
  const zone = work.memory.zoneOf(origin.host, computer.state.zone);
  for (const change of recorded.changes) work.addToSum(sumKey("changes", zone, change));
  if (!recorded.newest) return;
  const reading = kmsReadingOf(fact);
  const host = reading && hostOf(work, origin);
  if (!host) {
    if (reading) work.putUninterpreted(origin.receivedAt, origin.host, TOO_MANY_HOSTS, JSON.stringify(reading));
    return;
  }
  const lost = recordKmsReading(host, reading, { at, intervalSeconds: fact.intervalSeconds });
  if (lost.length > 0) work.mustRebuild(origin.host);
};

const KMS_LOG = "Key Management Service";

const applyHeartbeat = (
  work: Work,
  computer: ComputerEntry,
  item: Extract<AcceptedRecord, { kind: "heartbeat" }>,
): void => {
  const { fact, origin, at } = item;
  const { receivedAt } = origin;
  // Of what is imported nobody knows when it left that clock.
  const sentAt = fact.sentAt === undefined || origin.imported ? undefined : parseWindowsTime(fact.sentAt)?.ms;
  const { imported } = origin;
  const grown = recordAgentHeartbeat(computer.state, fact, { at, receivedAt, sentAt, imported });
  work.count("heartbeat", grown ? "accepted" : "duplicate");
  if (!grown) return;
  const zone = work.memory.zoneOf(origin.host, computer.state.zone);
  for (const [kind, by] of grown.dropped) if (by > 0) work.addToSum(sumKey("dropped", zone, kind), by);
  if (grown.gaps > 0) work.addToSum(sumKey("gaps", zone), grown.gaps);
  const application = instantOf(fact.channels.Application?.readUntil);
  if (application !== undefined) sweep(work, computer, origin, Math.min(application, receivedAt));
  const channel = fact.channels[KMS_LOG];
  const readUntil = instantOf(channel?.readUntil);
  const host = channel && work.knownHost(origin.host) && hostOf(work, origin);
  if (!host || readUntil === undefined) return;
  const oldest = instantOf(channel.oldest);
  recordKmsHeartbeat(host, {
    readUntil: Math.min(readUntil, receivedAt),
    gaps: channel.gaps ?? 0,
    ...(oldest !== undefined && { oldest }),
  });
};

const instantOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseWindowsTime(text)?.ms;

const applyProbe = (work: Work, { fact, origin, at }: Extract<AcceptedRecord, { kind: "probe" }>): void => {
  const prober = work.prober(origin.host);
  if (!prober) {
    work.count("probe", "ignored");
    return;
  }
  if (origin.own && origin.zone !== undefined) prober.zone = origin.zone;
  const took = recordProbe(prober, fact, at);
  if ("reason" in took) work.putUninterpreted(origin.receivedAt, origin.host, took.reason, JSON.stringify(fact));
  work.count("probe", "reason" in took ? "uninterpreted" : took.taken ? "accepted" : "duplicate");
};
