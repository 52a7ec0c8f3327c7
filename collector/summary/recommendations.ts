import { type Recommendation, recommendedHosts, type ZoneKind } from "../../licensing/planning.ts";
import type { PlanningSentences } from "../../licensing/planning-sentences.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import type { Reader } from "../store/store.ts";
import { sumKey } from "../store/sums.ts";
import { agentlessByZone } from "./agentless-counts.ts";
import { computersByAge, hourlyCounts, type ZoneSettings } from "./computer-counts.ts";
import { type KmsSettings, kmsHostNames } from "./kms/kms-hosts.ts";

export interface ZoneAdvice extends Recommendation {
  readonly zone: string;
  readonly kind: ZoneKind;
  /** Without retired ones. */
  readonly computers: number;
  /** The KMS hosts that are there. */
  readonly kmsHosts: readonly string[];
}

/** Table 1 for each configured zone: without a kind nothing can be recommended. */
export const adviceByZone = async (
  memory: Memory,
  reader: Reader,
  settings: KmsSettings & ZoneSettings,
  now: Instant,
  say?: PlanningSentences,
): Promise<ZoneAdvice[]> => {
  const byAge = await computersByAge(hourlyCounts(memory.sums, reader, "seen"), settings.staleAfter, now);
  const unmanaged = await agentlessByZone(memory, reader, now);
  const hosts = kmsHostNames(memory, settings).map((name) => ({
    name,
    zone: memory.zoneOf(name, memory.hosts.get(name)),
  }));
  return settings.zones.map(({ name: zone, kind }) => {
    const others = unmanaged.get(zone);
    const total = byAge(zone).total + memory.sums.get(sumKey("agentless", zone)) + (others?.computers ?? 0);
    const servers = memory.sums.get(sumKey("servers", zone)) + (others?.servers ?? 0);
    const advice = recommendedHosts(kind, total, servers, say);
    const kmsHosts = hosts.filter((it) => it.zone === zone).map((it) => it.name);
    return { zone, kind, computers: total, kmsHosts, ...advice };
  });
};

/** One item of `GET /api/v1/recommendations`. */
export interface RecommendationItem {
  readonly zone: string;
  readonly kind: ZoneKind;
  readonly computers: number;
  readonly recommended_hosts: number;
  readonly kms_hosts: readonly string[];
  readonly sentences: readonly string[];
}

export const recommendationItem = (
  { zone, kind, computers, kmsHosts, hosts, sentences }: ZoneAdvice,
  say: PlanningSentences,
): RecommendationItem => ({
  zone,
  kind,
  computers,
  recommended_hosts: hosts,
  kms_hosts: kmsHosts,
  sentences: hosts > 1 && kmsHosts.length === 1 ? [...sentences, say.onlyOne(kmsHosts[0]!)] : sentences,
});
