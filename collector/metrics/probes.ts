import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { kmsMetrics as M } from "../../licensing/telemetry/metrics.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import {
  type HostRules,
  loggedPublications,
  type Published,
  probeView,
  publishedBy,
  srvRecords,
  upByZone,
} from "../summary/kms/probes.ts";
import { unexpectedHosts } from "../summary/kms/unexpected-hosts.ts";

/** More are no set of KMS hosts; a domain where anyone may register names must not fill Prometheus. */
const SERIES_MAX = 500;

/** What probers see, and in which domains KMS hosts are published: a prober's sight is newer than what a log once said. */
export const probeSamples = (memory: Memory, rules: HostRules, now: Instant): Sample[] => {
  const view = probeView(memory, rules, now);
  const zoneOf = (host: string) => memory.zoneOf(host, memory.hosts.get(host));
  const published = new Map<string, Published>();
  for (const [kmsHost, host] of memory.hosts)
    for (const [domain, it] of view.names.isHidden(kmsHost) ? [] : loggedPublications(host))
      published.set(`${kmsHost} ${domain}`, { kmsHost, domain, published: it });
  for (const it of publishedBy(view, memory.hosts, rules)) published.set(`${it.kmsHost} ${it.domain}`, it);
  return [
    ...upByZone(view.looks)
      .slice(0, SERIES_MAX)
      .map(({ kmsHost, probe, proberZone, up }) => ({
        metric: M.hostUp,
        labels: [kmsHost, zoneOf(kmsHost), probe, proberZone],
        value: up ? 1 : 0,
      })),
    ...srvRecords(view)
      .slice(0, SERIES_MAX)
      .map((it) => ({
        metric: M.srvRecordInfo,
        labels: [it.domain, it.target, String(it.port), String(it.priority), String(it.weight), it.state],
        value: 1,
      })),
    ...[...published.values()].map((it) => ({
      metric: M.srvPublished,
      labels: [it.kmsHost, zoneOf(it.kmsHost), it.domain],
      value: it.published ? 1 : 0,
    })),
  ];
};

/** KMS hosts that are used, or say that they are one, and are not expected. */
export const unexpectedHostSamples = (memory: Memory, rules: HostRules, now: Instant): Sample[] =>
  unexpectedHosts(memory, rules, now).map(({ name, clients }) => ({
    metric: M.unexpectedHostClients,
    labels: [name],
    value: clients,
  }));
