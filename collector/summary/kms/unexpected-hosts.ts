import { knownUntil } from "../../../licensing/kms/coverage.ts";
import { tableSize } from "../../../licensing/kms/ledger.ts";
import { DAY, dayOf, type Instant } from "../../../licensing/time.ts";
import type { KmsHostState } from "../../state/kms/host-state.ts";
import type { Memory } from "../../state/memory.ts";
import { type HostRules, hostNames } from "./probes.ts";

/** A client asks every seven days; what has not been reported or requested for a month is over. */
const WITHIN = 30 * DAY;
const HOSTS_MAX = 20;

export interface UnexpectedHost {
  readonly name: string;
  /** At least 1: a computer that says that it is a KMS host has used up an activation of the host key. */
  readonly clients: number;
}

/**
 * KMS hosts that the configuration does not expect: clients contact them, their own WMI says that they are one, or they log requests. Only where
 * `kms.expected_hosts` is given is any other host unexpected. The most used ones, a bounded number.
 */
export const unexpectedHosts = ({ hosts, sums }: Memory, rules: HostRules, now: Instant): UnexpectedHost[] => {
  if (rules.expectedHosts.length === 0) return [];
  const names = hostNames(hosts, rules);
  const clients = new Map<string, number>();
  for (const { labels, sum } of sums.of("target")) {
    const [target, day] = labels as [string, string];
    if (Number(day) < dayOf(now - WITHIN) || names.stateOf(target, false) !== "unexpected") continue;
    const name = names.of(target) ?? target;
    clients.set(name, (clients.get(name) ?? 0) + sum);
  }
  for (const [name, host] of hosts) {
    if (names.isHidden(name) || names.stateOf(name, false) !== "unexpected" || !isKmsHost(host, now)) continue;
    clients.set(name, Math.max(clients.get(name) ?? 0, clientsOf(host, now), 1));
  }
  return [...clients]
    .map(([name, count]) => ({ name, clients: count }))
    .sort((a, b) => b.clients - a.clients || (a.name < b.name ? -1 : 1))
    .slice(0, HOSTS_MAX);
};

/** By its newest own word: WMI, or a request in its log. */
const isKmsHost = ({ reading, pools }: KmsHostState, now: Instant): boolean => {
  const requestAt = Math.max(0, ...Object.values(pools).map((it) => it.lastRequest ?? 0));
  const saysNo = reading?.isKmsHost === false && reading.at >= requestAt;
  return !saysNo && Math.max(requestAt, reading?.at ?? 0) > now - WITHIN;
};

const clientsOf = ({ pools, coverage }: KmsHostState, now: Instant): number => {
  const until = Math.min(knownUntil(coverage) ?? now, now);
  const counts = Object.values(pools).map((it) =>
    Math.max(tableSize(it.simulation.ledger, until), it.reported?.count ?? 0),
  );
  return Math.max(0, ...counts);
};
