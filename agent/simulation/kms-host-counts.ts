import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import type { Instant } from "../../licensing/time.ts";

/** A KMS host keeps no more clients than these: twice what it needs. */
const WINDOWS_MAX = 50;
const OFFICE_MAX = 10;
const FIRST_RECORD = 10_000;

/** What simulated KMS hosts have counted. */
export interface KmsHostCounts {
  /** A client asks. @returns the number of the record in the host's log. */
  request(host: string, request: { clientMachineId: string; at: Instant; office: boolean }): number;
  /** All requests that a host was ever asked. */
  requests(host: string): number;
  windows(host: string, at: Instant): number;
  office(host: string, at: Instant): number;
}

interface Host {
  requests: number;
  readonly windows: Map<string, Instant>;
  readonly office: Map<string, Instant>;
}

export const newKmsHostCounts = (hosts: readonly string[]): KmsHostCounts => {
  const known = new Map<string, Host>(hosts.map((it) => [it, { requests: 0, windows: new Map(), office: new Map() }]));
  /** What every client of a host is told at one instant is counted once, until the host has another request. */
  const counted = new Map<ReadonlyMap<string, Instant>, { at: Instant; clients: number }>();
  const countIn = (clients: ReadonlyMap<string, Instant>, at: Instant): number => {
    const last = counted.get(clients);
    if (last?.at === at) return last.clients;
    const alive = [...clients.values()].filter((it) => it + CLIENT_LIFETIME > at).length;
    counted.set(clients, { at, clients: alive });
    return alive;
  };
  return {
    request: (name, { clientMachineId, at, office }) => {
      const host = known.get(name)!;
      host.requests += 1;
      (office ? host.office : host.windows).set(clientMachineId, at);
      counted.clear();
      return FIRST_RECORD + host.requests;
    },
    requests: (host) => known.get(host)!.requests,
    windows: (host, at) => Math.min(WINDOWS_MAX, countIn(known.get(host)!.windows, at)),
    office: (host, at) => Math.min(OFFICE_MAX, countIn(known.get(host)!.office, at)),
  };
};
