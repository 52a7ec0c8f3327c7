import { isIP } from "node:net";
import type { LicensingFact, ProbeFact } from "../../licensing/facts.ts";
import { discoveryOf, type KmsTarget, kmsTargetOf, leadsNowhere, targetText } from "../../licensing/kms/probe.ts";
import type { AgentConfig } from "../config.ts";
import { limited } from "../sources/concurrency-limit.ts";
import { type Dns, dnsBy } from "./dns.ts";
import { probeHost } from "./host.ts";

export interface Prober {
  /** Learns from a reading of this computer's license state which KMS host it uses, and in which domain it looks. */
  see(fact: LicensingFact): void;
  /** Probes everything once, all at the same time; each result is told when it is there. */
  run(intervalMs: number, tell: (fact: ProbeFact) => void, signal: AbortSignal): Promise<void>;
}

/** Hosts that were found, not configured: a domain that publishes more is no set of KMS hosts. */
const FOUND_MAX = 50;
const DOMAINS_MAX = 50;
/** So many connections are open at once. */
const AT_ONCE = 32;

export const newProber = (config: AgentConfig["probes"], host: string): Prober => {
  const seen = { hosts: new Map<string, KmsTarget>(), domains: new Set<string>() };
  const own = host.includes(".") && !isIP(host) ? [host.slice(host.indexOf(".") + 1)] : [];
  return {
    see: (fact) => {
      const { hosts, domains } = discoveryOf(fact);
      seen.hosts = new Map(hosts.map((it) => [targetText(it), it]));
      seen.domains = new Set(domains);
    },
    run: async (intervalMs, report, signal) => {
      // What an end cuts off is no result.
      const tell = (fact: ProbeFact) => {
        if (!signal.aborted) report(fact);
      };
      const about = { intervalSeconds: Math.round(intervalMs / 1_000) };
      const dns = dnsBy({ servers: config.dns_servers, deadlineMs: config.timeout, signal });
      const slots = limited(AT_ONCE);
      const asked = new Map<string, Promise<void>>();
      const ask = (target: KmsTarget, configured: boolean): void => {
        const name = targetText(target);
        if (asked.has(name) || (!configured && asked.size >= config.kms_hosts.length + FOUND_MAX)) return;
        const more = { ...about, ...(configured && { configured }) };
        asked.set(
          name,
          slots(() => lookAt(target, { dns, deadlineMs: config.timeout, signal }, (it) => tell({ ...it, ...more }))),
        );
      };
      for (const it of config.kms_hosts) ask(kmsTargetOf(it)!, true);
      for (const it of seen.hosts.values()) ask(it, false);
      const domains = [...new Set([...config.srv_domains, ...own, ...seen.domains])].slice(0, DOMAINS_MAX);
      await Promise.all(
        domains.map(async (domain) => {
          const records = await lookUp(domain, dns, (it) => tell({ ...it, ...about }));
          for (const it of records) if (!leadsNowhere(it)) ask({ host: it.target, port: it.port }, false);
        }),
      );
      await Promise.all(asked.values());
    },
  };
};

const lookUp = async (domain: string, dns: Dns, tell: (fact: ProbeFact) => void) => {
  const { outcome, found, latencyMs } = await dns.srv(domain);
  tell({
    kind: "probe",
    probe: "dns_srv",
    target: domain,
    outcome,
    latencyMs,
    records: found.map((it) => ({ ...it })),
  });
  return found;
};

const lookAt = async (
  target: KmsTarget,
  limits: Parameters<typeof probeHost>[1],
  tell: (fact: ProbeFact) => void,
): Promise<void> => {
  const { tcp, rpc } = await probeHost(target, limits);
  for (const [probe, result] of [
    ["tcp", tcp],
    ["rpc", rpc],
  ] as const)
    tell({ kind: "probe", probe, target: targetText(target), ...result });
};
