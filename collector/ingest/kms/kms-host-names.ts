import type { NormalisedEvent } from "../../../licensing/events/names.ts";
import { isCount } from "../../../licensing/kms/reading.ts";
import { poolOf } from "../../../licensing/kms/rules.ts";
import type { Instant } from "../../../licensing/time.ts";
import { type Exchange, isCertain, openUntil } from "../../state/attempts.ts";
import { hasAsked } from "../../state/kms/client.ts";
import type { KmsHostState } from "../../state/kms/host-state.ts";
import {
  ALIASES_MAX,
  calledAt,
  digestOf,
  hostCalled,
  type RefusedRequests,
  requestKey,
  type Told,
  type ToldCounts,
  underName,
  withCalled,
  withoutTold,
  withTold,
  withToldUnder,
} from "../../state/kms/names.ts";
import type { KmsRequest } from "../../state/kms/request.ts";
import type { UnitOfWork } from "../unit-of-work.ts";

type Sent = { readonly event: NormalisedEvent; readonly at: Instant };

/**
 * 12288: machine ID, client time and product of a request that a host logged are the same request, so the same host. The name
 * is remembered with the request, in case the host's record arrives later.
 */
export const recordCalled = (work: UnitOfWork, { event, at }: Sent): void => {
  const { client_machine_id: cmid, activation_id: id, required_count: need, client_time: time } = event;
  const name = event.kms_host?.toLowerCase();
  if (!name || !cmid || !id || !time || need === undefined || work.knownHost(name)) return;
  const pool = poolOf(id, need, work.products);
  const key = requestKey(cmid, time, id);
  let joined = false;
  for (const [host, { refusedRequests }] of work.hosts()) {
    const client = work.knownClient(host, pool, cmid);
    const served = client !== undefined && hasAsked(client.state, { clientTime: time, activationId: id });
    if (!served && !hasRefused(refusedRequests, key)) continue;
    joined = true;
    recordAlias(work, host, { name, at });
  }
  // Requests that wait for the host's record keep their place among the few that are remembered.
  if (!joined) work.calledNames = withCalled(work.calledNames, name, { at, key });
};

const hasRefused = (requests: Readonly<RefusedRequests>, key: string): boolean => {
  for (const _ in requests) return requests[digestOf(key)] !== undefined;
  return false;
};

/** A request that the host refused: the client's own record of it may come later. */
export const recordRefusedRequest = (
  host: Pick<KmsHostState, "refusedRequests">,
  { cmid, clientTime, activationId, at }: Pick<KmsRequest, "cmid" | "clientTime" | "at"> & { activationId: string },
): void => {
  if (clientTime === undefined) return;
  const key = digestOf(requestKey(cmid, clientTime, activationId));
  host.refusedRequests[key] = { at: Math.max(at, host.refusedRequests[key]?.at ?? 0) };
};

/** 12290: the other half, if a client sent this request to another name. The time of the client's record is that of the join. */
export const recordLogged = (work: UnitOfWork, host: string, event: NormalisedEvent): void => {
  const { client_machine_id: cmid, activation_id: id, client_time: time } = event;
  if (!cmid || !id || !time) return;
  let key: string | undefined;
  for (const name in work.calledNames) {
    key ??= requestKey(cmid, time, id);
    const at = name === host ? undefined : calledAt(work.calledNames[name]!, key);
    if (at !== undefined) recordAlias(work, host, { name, at });
  }
};

/** Clients may have been told counts by hosts that have become known only now. */
export const adoptNames = (work: UnitOfWork): void => {
  for (const host of work.newHosts()) if (underName(work.calledNames, host)) recordTold(work, host);
};

const recordAlias = (work: UnitOfWork, fqdn: string, { name, at }: { name: string; at: Instant }): void => {
  const holder = hostCalled(name, work.hosts());
  const provedAt = holder === undefined ? undefined : underName(work.knownHost(holder)!.aliases, name);
  // Of two hosts whose logs proved it, the newest proof decides.
  if (provedAt !== undefined && (provedAt > at || (provedAt === at && holder! <= fqdn))) return;
  const host = work.host(fqdn);
  if (!host || (underName(host.aliases, name) === undefined && Object.keys(host.aliases).length >= ALIASES_MAX)) return;
  if (holder !== undefined && holder !== fqdn) {
    delete work.host(holder)!.aliases[name];
    recordTold(work, holder);
  }
  host.aliases = { ...host.aliases, [name]: at };
  recordTold(work, fqdn);
};

/** What clients were told under the names that mean this host. */
const recordTold = (work: UnitOfWork, fqdn: string): void => {
  const host = work.host(fqdn);
  if (!host) return;
  const names = [fqdn, ...Object.keys(host.aliases)].filter((it) => hostCalled(it, work.hosts()) === fqdn);
  host.toldByAlias = names.sort().flatMap((it) => {
    const called = underName(work.calledNames, it);
    return called ? [called.told] : [];
  });
};

/** 12289: the count that a client was told by the host that its 12288 names. */
export const recordToldCount = (work: UnitOfWork, exchange: Exchange): void => {
  const told = toldBy(exchange);
  if (!told) return;
  const { name, ...count } = told;
  const host = work.knownHost(name) && work.host(name);
  if (host) host.told = withTold(host.told, count);
  else changeCalled(work, name, (counts) => withTold(counts, count));
};

/** The answer turned out to belong to another request. It was told when the name may not have been known as a host's. */
export const withdrawToldCount = (work: UnitOfWork, exchange: Exchange): void => {
  const told = toldBy(exchange);
  if (!told) return;
  const { name, ...count } = told;
  const host = work.knownHost(name) && work.host(name);
  if (host) host.told = withoutTold(host.told, count);
  if (underName(work.calledNames, name)) changeCalled(work, name, (counts) => withoutTold(counts, count));
};

const toldBy = (exchange: Exchange): (Told & { readonly name: string }) | undefined => {
  const { request, answer } = exchange;
  const { at, receivedAt, count, renewalMinutes } = answer;
  const { kmsHost: name, activationId, need = 0, cmid = "" } = request;
  if (!name || !activationId || count === undefined || !isCount(count)) return undefined;
  const told = { name, activationId, need, cmid, count, at, receivedAt, ...(renewalMinutes && { renewalMinutes }) };
  return isCertain(exchange) ? told : { ...told, openUntil: openUntil(exchange) };
};

const changeCalled = (work: UnitOfWork, name: string, change: (counts: ToldCounts) => ToldCounts): void => {
  work.calledNames = withToldUnder(work.calledNames, name, change);
  const host = hostCalled(name, work.hosts());
  if (host) recordTold(work, host);
};
