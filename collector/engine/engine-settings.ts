import { productsFrom } from "../../licensing/products.ts";
import { retirementFrom } from "../../licensing/retirement.ts";
import { zonesFrom } from "../../licensing/zones.ts";
import type { CollectorConfig } from "../config.ts";
import type { IngestRules } from "../ingest/ingest.ts";
import type { MetricSettings } from "../metrics/metrics.ts";
import type { Memory } from "../state/memory.ts";
import { Sums } from "../store/sums.ts";
import { inventoryIn } from "../summary/inventory.ts";

/** The memory of a collector that has read nothing yet. */
export const newMemory = (config: CollectorConfig, ownSettings: string): Memory => {
  const zoneFinder = zonesFrom(config.zones);
  const reportedZones = new Set<string>();
  return {
    revision: 0,
    ownSettings,
    computersMax: config.limits.computers,
    products: productsFrom(config.kms.products),
    hosts: new Map(),
    expectedHosts: new Set(config.kms.expectedHosts),
    probers: new Map(),
    sums: new Sums(),
    configuredZones: new Set(config.zones.map((it) => it.name)),
    reportedZones,
    zoneFinder,
    zoneOf: (computer, reported = {}) => zoneFinder(computer, reported, reportedZones),
    calledNames: {},
    coarseComputers: new Set(),
    retirement: retirementFrom(config.retire),
  };
};

/** What metrics, API and pages need of the configuration. */
export const metricSettings = (config: CollectorConfig, memory: Memory, version: string): MetricSettings => ({
  ...config.kms,
  maintenance: config.kms.maintenance.map((it) => ({
    ...it,
    from: Date.parse(it.from),
    until: Date.parse(it.until),
  })),
  hiddenHosts: [...config.kms.externalHosts, ...config.kms.retiredHosts],
  zones: config.zones,
  staleAfter: config.staleAfter,
  hostSeriesLimit: config.metrics.hostSeriesLimit,
  mak: config.mak,
  inventory:
    config.inventory.file === undefined
      ? undefined
      : inventoryIn(config.inventory.file, (computer) => memory.zoneOf(computer)),
  version,
});

/** Every sender that reaches an open loopback listener may speak for others; with authentication only those that are listed. */
export const forwarders = ({ otlp }: CollectorConfig): IngestRules["isForwarder"] => {
  if (!otlp.tokensFile && !otlp.tls.clientCaFile) return () => true;
  const listed = new Set(otlp.forwarders);
  return (host) => host !== undefined && listed.has(host);
};
