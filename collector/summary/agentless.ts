import { requestsInUse, stateAfter } from "../../licensing/kms/agentless.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { foundTooFew } from "../../licensing/kms/simulation.ts";
import { hourOf, type Instant } from "../../licensing/time.ts";
import { UNASSIGNED } from "../../licensing/zones.ts";
import { newComputer } from "../state/computer.ts";
import { computerRow } from "../state/computer-row.ts";
import { type ClientPart, clientPart } from "../state/kms/agentless.ts";
import type { KmsClientState } from "../state/kms/client.ts";
import { renewalMinutes } from "../state/kms/host.ts";
import type { StoredLicense } from "../state/license-state.ts";
import type { Memory } from "../state/memory.ts";
import type { ComputerRow, KmsClientRow } from "../store/store.ts";

/** Clients of one name that are looked at: more than any honest computer leaves. */
export const CLIENTS_OF_NAME_MAX = 200;

/** How long such a computer may be silent before it is none any more: its KMS host forgets it after 30 days. */
export const silenceOf = (memory: Pick<Memory, "retirement">, name: string): number =>
  Math.min(CLIENT_LIFETIME, memory.retirement.silenceOf(name));

/** A computer's zone by configuration, else that of the KMS host that it asked last. */
export const zoneOfClient = (memory: Pick<Memory, "zoneOf" | "hosts">, name: string, kmsHost: string): string => {
  const own = memory.zoneOf(name);
  return own === UNASSIGNED ? memory.zoneOf(kmsHost, memory.hosts.get(kmsHost)) : own;
};

/** A computer that only KMS hosts' logs name, with the requests that tell of it, the newest first. */
export interface AgentlessComputer {
  /** As a row like those of other computers, so that whatever reads computers reads it. */
  readonly row: ComputerRow;
  readonly inUse: readonly ClientPart[];
}

/**
 * What KMS hosts' logs tell of a computer (docs/counting-rules.md, "Computers without an agent"). Undefined where its own facts
 * make it known.
 *
 * @param rows all clients that asked last under its name.
 */
export const agentlessComputer = (
  name: string,
  rows: readonly KmsClientRow[],
  memory: Memory,
  now: Instant,
): AgentlessComputer | undefined => {
  const parts = rows.map((it) => clientPart(it, JSON.parse(it.state) as KmsClientState));
  if (parts.length === 0 || parts.some((it) => it.own)) return undefined;
  const inUse = requestsInUse(parts.map((it) => ({ ...it, tooFew: isTooFew(it, memory) })));
  const newest = inUse[0]!;
  const renewals = inUse.filter((it) => !it.tooFew).map((it) => it.at);
  const state = {
    ...newComputer(),
    licenses: inUse.map((it) => licenseOf(it, memory)),
    target: { name: newest.kmsHost, at: newest.at },
    ...(renewals.length > 0 && { renewedAt: Math.max(...renewals) }),
    ...(isGone(memory, name, newest.at, now) && { retired: true as const }),
  };
  return { row: computerRow(name, state, newest.at, zoneOfClient(memory, name, newest.kmsHost)), inUse };
};

/** As exact as the sums, by whole hours: has it been silent for too long to be a computer? */
const isGone = (memory: Memory, name: string, at: Instant, now: Instant): boolean => {
  const silence = silenceOf(memory, name);
  return silence === 0 || hourOf(at) <= hourOf(now - silence);
};

const isTooFew = ({ kmsHost, application, cmid, at }: ClientPart, { hosts }: Memory): boolean => {
  const simulation = hosts.get(kmsHost)?.pools[application]?.simulation;
  return simulation !== undefined && foundTooFew(simulation, cmid, at);
};

const licenseOf = (part: ClientPart, { products, hosts }: Memory): StoredLicense => {
  const { activationId = "", application, kmsHost } = part;
  const host = hosts.get(kmsHost);
  const interval = host && renewalMinutes(host);
  return {
    application,
    activationId,
    name: products.find(activationId)?.name ?? activationId,
    product: products.label(activationId),
    channel: "kms_client",
    addon: false,
    kmsHost,
    ...(interval !== undefined && interval > 0 && { renewalIntervalMinutes: interval }),
    ...stateAfter(part),
  };
};
