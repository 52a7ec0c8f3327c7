import type { LicensingFact, Properties } from "../facts.ts";
import { labelText } from "../labels.ts";
import { numberOf, textOf } from "../license.ts";
import { nameKey } from "../names.ts";

/** What an agent looks at from the outside. None of them asks for an activation, so none changes a host's count. */
export const PROBES = ["dns_srv", "tcp", "rpc"] as const;
export type Probe = (typeof PROBES)[number];

/** What DNS answered. NXDOMAIN and an empty answer are answers; the others say nothing about what is published. */
export type DnsOutcome = "ok" | "nxdomain" | "no_records" | "servfail" | "refused" | "timeout" | "malformed" | "error";
/** What a host answered. `rejected`: an RPC service is there, and it is not KMS. `unreachable`: no way to it. */
export type HostOutcome =
  | "ok"
  | "unresolved"
  | "refused"
  | "timeout"
  | "unreachable"
  | "closed"
  | "rejected"
  | "malformed"
  | "error";

/** What `_vlmcs._tcp` of a domain is known for after this outcome: a failed look-up is no empty domain. */
export const isAnswer = (outcome: string): boolean =>
  outcome === "ok" || outcome === "nxdomain" || outcome === "no_records";

/** A result counts for three of its intervals: two missed ones are a prober that is gone. */
export const PROBE_LIFETIME_INTERVALS = 3;
export const PROBE_INTERVAL_SECONDS = 300;

export const KMS_PORT = 1688;

export interface KmsTarget {
  /** A name, or an address without brackets. Lower case, without the root's dot. */
  readonly host: string;
  readonly port: number;
}

const V6 = /^[0-9a-f:]+(:[0-9.]+)?(%[\w.-]+)?$/i;

/** Reads `host`, `host:port`, an IPv6 address with or without `[…]:port`. */
export const kmsTargetOf = (text: string): KmsTarget | undefined => {
  const written = text.normalize("NFKC").trim().toLowerCase();
  const [, bracketed, bracketedPort] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(written) ?? [];
  if (bracketed !== undefined) return V6.test(bracketed) ? target(bracketed, bracketedPort) : undefined;
  if ((written.match(/:/g) ?? []).length > 1) return V6.test(written) ? target(written, undefined) : undefined;
  const [host = "", port, ...rest] = written.split(":");
  const name = nameKey(host);
  if (rest.length > 0 || name === undefined || (port !== undefined && !/^\d{1,5}$/.test(port))) return undefined;
  return target(name, port);
};

const target = (host: string, port: string | undefined): KmsTarget | undefined => {
  const number = port === undefined ? KMS_PORT : Number(port);
  return number > 0 && number < 65_536 ? { host, port: number } : undefined;
};

/** A target as it is written and read: `host:port`, an IPv6 address in brackets. */
export const targetText = ({ host, port }: KmsTarget): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** Where KMS clients look for their host (planning guide, "Publishing to DNS"). */
export const SRV_PREFIX = "_vlmcs._tcp.";
/** The domain that an SRV query was about, whether it names the record or the domain alone; undefined for what is none. */
export const domainOfSrv = (target: string): string | undefined => {
  const name = nameKey(target);
  return name && nameKey(name.startsWith(SRV_PREFIX) ? name.slice(SRV_PREFIX.length) : name);
};

export interface SrvRecord {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  /** What became of looking up the target's addresses. */
  readonly resolution?: string;
}

/** At most so many records of one domain: more is no set of KMS hosts. */
export const SRV_RECORDS_MAX = 50;

/** SRV records as a probe ships them. One without a target or with numbers that no SRV record can have is left out. */
export const srvRecordsOf = (records: readonly Properties[]): SrvRecord[] =>
  records.slice(0, SRV_RECORDS_MAX).flatMap((it): SrvRecord[] => {
    const written = (textOf(it.target) ?? textOf(it.name) ?? "").toLowerCase();
    const name = written === "." ? written : nameKey(written);
    const [port, priority, weight] = [it.port, it.priority, it.weight].map(numberOf);
    if (name === undefined || !isU16(port) || !isU16(priority ?? 0) || !isU16(weight ?? 0)) return [];
    const resolution = textOf(it.resolution);
    return [
      {
        target: name,
        port,
        priority: priority ?? 0,
        weight: weight ?? 0,
        ...(resolution !== undefined && { resolution: labelText(resolution, 40) }),
      },
    ];
  });
const isU16 = (it: number | undefined): it is number => it !== undefined && it < 65_536;

/** RFC 2782: a target of `.` says that the service is not offered. A look-up that failed says nothing about the name. */
export const leadsNowhere = ({ target, resolution }: SrvRecord): boolean =>
  target === "." || resolution === "nxdomain" || resolution === "no_records";

/** What a reading of license state says about where this computer looks for its KMS host, and which one it uses. */
export const discoveryOf = (fact: LicensingFact): { hosts: KmsTarget[]; domains: string[] } => {
  const rows = [fact.service, ...fact.products, fact.officeService, ...(fact.officeProducts ?? [])];
  return {
    hosts: rows.flatMap((row) => [
      ...pinned(row?.KeyManagementServiceMachine, row?.KeyManagementServicePort),
      ...pinned(row?.DiscoveredKeyManagementServiceMachineName, row?.DiscoveredKeyManagementServiceMachinePort),
    ]),
    domains: rows.flatMap((row) => {
      const domain = nameKey(textOf(row?.KeyManagementServiceLookupDomain) ?? "");
      return domain ? [domain] : [];
    }),
  };
};
const pinned = (name: Properties[string] | undefined, port: Properties[string] | undefined): KmsTarget[] => {
  const read = kmsTargetOf(textOf(name) ?? "");
  return read ? [{ host: read.host, port: numberOf(port) || read.port }] : [];
};
