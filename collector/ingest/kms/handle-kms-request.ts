import { missingAround, type NameUse, withName } from "../../../licensing/kms/duplicates.ts";
import { CLIENT_LIFETIME } from "../../../licensing/kms/ledger.ts";
import { STATUSES } from "../../../licensing/license.ts";
import { isClockAffected, recordClock } from "../../state/client-clocks.ts";
import { computerNamed } from "../../state/kms/agentless.ts";
import { servedAt, withRequest } from "../../state/kms/client.ts";
import { isFarAhead } from "../../state/kms/forget-future.ts";
import { recordLogNumber, recordRequest } from "../../state/kms/host.ts";
import { clientsKnown, type KmsHostState } from "../../state/kms/host-state.ts";
import { clearRefusedClient, recordRefusedClient } from "../../state/kms/keys.ts";
import { searchNames } from "../../state/kms/name-search.ts";
import { replayLate } from "../../state/kms/replay-plan.ts";
import { type KmsRequest, requestOf } from "../../state/kms/request.ts";
import { sumKey } from "../../store/sums.ts";
import type { AcceptedEvent, Origin } from "../accepted-record.ts";
import type { UnitOfWork } from "../unit-of-work.ts";
import type { ClientEntry } from "./count-client.ts";
import { recordLogged, recordRefusedRequest } from "./kms-host-names.ts";
import { kmsHostOf, TOO_MANY_HOSTS } from "./kms-host-of.ts";

/** 12290: a request in a KMS host's log. */
export const handleKmsRequest = (work: UnitOfWork, record: AcceptedEvent): void => {
  const { event, origin, at } = record;
  const request = requestOf(event, at, work.products);
  const host = request && kmsHostOf(work, record);
  if (!request || !host) {
    const reason = request ? TOO_MANY_HOSTS : "a request without all that counting needs";
    work.putUninterpreted(
      origin.receivedAt,
      origin.host,
      (event.problems?.join("; ") ?? reason).slice(0, 500),
      record.row.fact,
    );
    work.count("event", "uninterpreted", origin);
    return;
  }
  recordLogNumber(host, event.record_id, at);
  const isLate = at < (host.appliedUntil ?? 0);
  recordRequest(host, request);
  recordClientClock(host, { record, request, isLate });
  work.count("event", "accepted", origin);
  if (!origin.imported) countRequest(work, origin, request);
  recordLogged(work, origin.host, event);
  recordClient(work, host, { record, request });
};

/** Counts a request that is no import. */
export const countRequest = (work: UnitOfWork, origin: Origin, { status, pool, valid, reason }: KmsRequest): void => {
  const name = STATUSES[status ?? -1];
  if (name) work.addToSum(sumKey("requests", origin.host, pool, name));
  if (!valid) work.addToSum(sumKey("request_failures", origin.host, pool, reason));
};

/** A clock that is four hours off is why the host refuses: also failed requests tell it. */
const recordClientClock = (
  host: KmsHostState,
  { record, request, isLate }: { record: AcceptedEvent; request: KmsRequest; isLate: boolean },
): void => {
  const { clockOff: quarters, at } = record;
  if (isLate) {
    if (isClockAffected(host.clocks, quarters)) replayLate(host, at);
    return;
  }
  recordClock(host.clocks, request, { quarters, clients: () => clientsKnown(host, at) });
};

/** What may change which computers use an ID is compared with what other KMS hosts and agents have seen of it. */
const recordName = (
  work: UnitOfWork,
  { host, client, cmid, use }: { host: KmsHostState; client: ClientEntry; cmid: string; use: NameUse },
): void => {
  const { runs, shared } = client.state;
  const { name, at } = use;
  client.state.runs = withName(runs, name, at);
  if (client.state.runs.at(-1)?.[0] !== runs.at(-1)?.[0]) client.computer = computerNamed(client.state.runs);
  const isNext = at >= client.lastAt && at < client.lastAt + CLIENT_LIFETIME;
  if (!shared && isNext && client.state.runs.length === runs.length) return;
  work.changedIds.add(cmid, { use });
  const missing = missingAround(runs, use);
  if (missing) searchNames(host, cmid, missing);
};

const recordClient = (
  work: UnitOfWork,
  host: KmsHostState,
  { record, request }: { record: AcceptedEvent; request: KmsRequest },
): void => {
  const { event, origin, at } = record;
  const { cmid, pool, name } = request;
  const activationId = event.activation_id!;
  if (!request.valid) {
    recordRefusedRequest(host, { ...request, activationId });
    if (request.reason !== "unsupported_product") return;
    // A client that was served here within 30 days is counted as such.
    const known = work.knownClient(origin.host, pool, cmid);
    const served = known && servedAt(known, activationId);
    if (served !== undefined && served > at - CLIENT_LIFETIME) return;
    recordRefusedClient(host.refused, cmid, { name, activationId, at });
    return;
  }
  const client = work.client(origin.host, pool, cmid);
  // Of a clock that was wrong: what the client does now is newer.
  if (isFarAhead(client.lastAt, origin.receivedAt)) client.lastAt = 0;
  if (name) recordName(work, { host, client, cmid, use: { name, at } });
  clearRefusedClient(host.refused, cmid, activationId, at);
  withRequest(client, {
    at,
    clientTime: request.clientTime,
    activationId,
    status: request.status,
    minutes: request.minutes,
    isServer: request.productClass === "server",
  });
};
