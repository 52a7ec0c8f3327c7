import { type Recommendation, recommendedHosts, type ZoneKind } from "../../licensing/planning.ts";
import type { Sample } from "../../licensing/telemetry/exposition.ts";
import { kmsMetrics as M } from "../../licensing/telemetry/metrics.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import { type FleetSettings, zoneComputers } from "../metrics/fleet.ts";
import { type KmsSettings, kmsHostViews } from "../metrics/kms.ts";
import type { Reader } from "../store/store.ts";

export interface ZoneAdvice extends Recommendation {
  readonly zone: string;
  readonly kind: ZoneKind;
  readonly computers: number;
  /** The KMS hosts that are there. */
  readonly kmsHosts: readonly string[];
}

/** Table 1 for each configured zone: without a kind nothing can be recommended. */
export const adviceByZone = async (
  memory: Memory,
  reader: Reader,
  settings: KmsSettings & FleetSettings,
  now: Instant,
): Promise<ZoneAdvice[]> => {
  const computers = await zoneComputers(memory.sums, reader, settings, now);
  const hosts = kmsHostViews(memory, settings, now).map((it) => ({
    name: it.name,
    zone: memory.zoneOf(it.name, it.host.zone),
  }));
  return settings.zones.map(({ name: zone, kind }) => {
    const count = computers.get(zone) ?? 0;
    const advice = recommendedHosts(kind, count);
    const kmsHosts = hosts.filter((it) => it.zone === zone).map((it) => it.name);
    return { zone, kind, computers: count, kmsHosts, ...advice };
  });
};

export const recommendationSamples = (advice: readonly ZoneAdvice[]): Sample[] =>
  advice.map(({ zone, hosts }) => ({ metric: M.recommendedHosts, labels: [zone], value: hosts }));

export const recommendationItem = ({ zone, kind, computers, kmsHosts, hosts, sentences }: ZoneAdvice): object => ({
  zone,
  kind,
  computers,
  recommended_hosts: hosts,
  kms_hosts: kmsHosts,
  sentences:
    hosts > 1 && kmsHosts.length === 1
      ? [...sentences, `There is one, ${kmsHosts[0]}: while it is down, nothing in this zone is activated.`]
      : sentences,
});
