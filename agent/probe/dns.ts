import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { type DnsOutcome, SRV_PREFIX, SRV_RECORDS_MAX, type SrvRecord } from "../../licensing/kms/probe.ts";
import { atDeadline } from "./deadline.ts";

/** An answer of DNS: what was found, or why nothing was. */
export interface Found<T> {
  readonly outcome: DnsOutcome;
  readonly found: readonly T[];
}

export interface Dns {
  /** All KMS hosts that a domain publishes, each with what became of looking it up. */
  srv(domain: string): Promise<Found<SrvRecord> & { readonly latencyMs: number }>;
  /** Addresses of both families. */
  addresses(host: string): Promise<Found<string>>;
}

/** One question may take so long at one server; then it is asked once more. */
const TRY_MS = 2_000;

/**
 * DNS by node's own resolver, never by the system's: that one blocks a thread of four for as long as it likes. Each question
 * ends by its deadline. Of a set that was answered without its additional records, the targets are looked up at once.
 */
export const dnsBy = ({
  servers,
  deadlineMs,
  signal,
}: {
  servers: readonly string[];
  deadlineMs: number;
  signal: AbortSignal;
}): Dns => {
  const ask = async <T>(question: (resolver: Resolver) => Promise<T[]>): Promise<Found<T>> => {
    const resolver = new Resolver({ timeout: Math.min(TRY_MS, deadlineMs), tries: 2 });
    if (servers.length > 0) resolver.setServers(servers);
    const answered = atDeadline(deadlineMs, signal, () => resolver.cancel());
    try {
      const found = await question(resolver);
      return { outcome: found.length > 0 ? "ok" : "no_records", found };
    } catch (cause) {
      return { outcome: OUTCOMES[(cause as NodeJS.ErrnoException).code ?? ""] ?? "error", found: [] };
    } finally {
      answered();
    }
  };
  const addresses = async (host: string): Promise<Found<string>> => {
    if (isIP(host)) return { outcome: "ok", found: [host] };
    const [v4, v6] = await Promise.all([ask((it) => it.resolve4(host)), ask((it) => it.resolve6(host))]);
    const found = [...v4.found, ...v6.found];
    if (found.length > 0) return { outcome: "ok", found };
    // No address of the one family and no answer for the other: nothing is known then.
    return { outcome: v4.outcome === "no_records" ? v6.outcome : v4.outcome, found };
  };
  return {
    addresses,
    srv: async (domain) => {
      const from = performance.now();
      const { outcome, found } = await ask((it) => it.resolveSrv(SRV_PREFIX + domain));
      const latencyMs = Math.round((performance.now() - from) * 10) / 10;
      const records = found.slice(0, SRV_RECORDS_MAX);
      const names = [...new Set(records.map((it) => it.name))];
      const resolutions = new Map(
        await Promise.all(
          names.map(async (it) => [it, it === "" ? "no_records" : (await addresses(it)).outcome] as const),
        ),
      );
      return {
        outcome,
        latencyMs,
        found: records.map(({ name, port, priority, weight }) => ({
          target: name === "" ? "." : name.toLowerCase(),
          port,
          priority,
          weight,
          resolution: resolutions.get(name)!,
        })),
      };
    },
  };
};

/** node:dns' codes (c-ares), https://nodejs.org/api/dns.html#error-codes */
const OUTCOMES: Readonly<Record<string, DnsOutcome>> = {
  ENOTFOUND: "nxdomain",
  ENODATA: "no_records",
  ESERVFAIL: "servfail",
  EREFUSED: "refused",
  ETIMEOUT: "timeout",
  ECANCELLED: "timeout",
  EBADRESP: "malformed",
  EFORMERR: "malformed",
  EBADNAME: "malformed",
  EBADQUERY: "malformed",
  ECONNREFUSED: "refused",
};
