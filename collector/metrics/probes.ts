import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { kmsMetrics as M } from "../../licensing/telemetry/metrics.ts";
import { DAY, type Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import { dayOf } from "../state/kms-targets.ts";
import {
  type HostRules,
  hostNames,
  type Published,
  probeView,
  publishedBy,
  srvRecords,
  upByZone,
} from "../summary/probes.ts";

/** More are no set of KMS hosts; a domain where anyone may register names must not fill Prometheus. */
const SERIES_MAX = 500;

/** What probers see, and in which domains KMS hosts are published: a prober's sight is newer than what a log once said. */
export const probeSamples = (memory: Memory, rules: HostRules, now: Instant): Sample[] => {
  const view = probeView(memory, rules, now);
  const zoneOf = (host: string) => memory.zoneOf(host, memory.hosts.get(host)?.zone);
  const published = new Map<string, Published>();
  for (const [kmsHost, { domains }] of memory.hosts)
    for (const [domain, it] of view.names.isHidden(kmsHost) ? [] : Object.entries(domains))
      published.set(`${kmsHost} ${domain}`, { kmsHost, domain, published: it.published });
  for (const it of publishedBy(view, memory.hosts, rules)) published.set(`${it.kmsHost} ${it.domain}`, it);
  return [
    ...upByZone(view)
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

/** A client asks every seven days; one that has asked nobody for a month is not to be mended any more. */
const ASKED_WITHIN = 30 * DAY;
const TARGETS_MAX = 20;

/** Only where expected hosts are configured is another one unexpected. */
export const unexpectedHostSamples = ({ hosts, sums }: Memory, rules: HostRules, now: Instant): Sample[] => {
  if (rules.expectedHosts.length === 0) return [];
  const names = hostNames(hosts, rules);
  const clients = new Map<string, number>();
  for (const { labels, sum } of sums.of("target")) {
    const [name, day] = labels as [string, string];
    if (Number(day) < dayOf(now - ASKED_WITHIN) || names.stateOf(name, false) !== "unexpected") continue;
    clients.set(name, (clients.get(name) ?? 0) + sum);
  }
  return [...clients]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, TARGETS_MAX)
    .map(([target, value]) => ({ metric: M.unexpectedHostClients, labels: [target], value }));
};
