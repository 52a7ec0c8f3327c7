import { isAnswer, kmsTargetOf, leadsNowhere } from "../../../licensing/kms/probe.ts";
import { type Instant, iso } from "../../../licensing/time.ts";
import type { KmsHostState } from "../../state/kms/host-state.ts";
import type { Memory } from "../../state/memory.ts";
import { freshUntil, type ProbeResult } from "../../state/probes.ts";
import type { Sentences } from "../locales/sentences.ts";

/** What configuration says about KMS hosts and the domains they should be found in. */
export interface HostRules {
  readonly expectedHosts: readonly string[];
  readonly externalHosts: readonly string[];
  readonly retiredHosts: readonly string[];
  readonly srvDomains: readonly string[];
}

export interface Look {
  readonly prober: string;
  readonly proberZone: string;
  readonly result: ProbeResult;
  /**
   * For `tcp` and `rpc`: the KMS host that the target is, where it is one that may have series (docs/counting-rules.md,
   * "Names").
   */
  readonly kmsHost?: string;
}

export type SrvState = "known" | "unknown" | "unexpected" | "unresolvable";

/** What probes say now: only results that are fresh, with targets called by their KMS host's name. */
export interface ProbeView {
  readonly looks: readonly Look[];
  readonly names: HostNames;
}

export interface HostNames {
  /** The FQDN of a KMS host that is known or expected, by its name, an alias, or the first part of its name. */
  of(name: string): string | undefined;
  stateOf(target: string, configured: boolean): Exclude<SrvState, "unresolvable">;
  isHidden(name: string): boolean;
}

export const hostNames = (hosts: ReadonlyMap<string, KmsHostState>, rules: HostRules): HostNames => {
  const full = new Set([...hosts.keys(), ...rules.expectedHosts]);
  // A short name that two hosts share means neither.
  const other = new Map<string, string | undefined>();
  for (const name of full) {
    const short = name.split(".")[0]!;
    other.set(short, other.has(short) ? undefined : name);
  }
  for (const [name, { aliases }] of hosts) for (const it in aliases) other.set(it, name);
  const hidden = new Set([...rules.externalHosts, ...rules.retiredHosts]);
  const expected = new Set(rules.expectedHosts);
  const external = new Set(rules.externalHosts);
  const of = (name: string) => (full.has(name) ? name : other.get(name));
  return {
    of,
    isHidden: (name) => hidden.has(name) || hidden.has(of(name) ?? ""),
    stateOf: (target, configured) => {
      const name = of(target);
      if (external.has(target) || external.has(name ?? "")) return "known";
      if (hidden.has(target) || hidden.has(name ?? "")) return "unexpected";
      if (expected.size > 0) return expected.has(name ?? target) ? "known" : "unexpected";
      return name !== undefined || configured ? "known" : "unknown";
    },
  };
};

export const probeView = (memory: Memory, rules: HostRules, now: Instant): ProbeView => {
  const names = hostNames(memory.hosts, rules);
  const looks: Look[] = [];
  for (const [prober, state] of memory.probers) {
    const proberZone = memory.zoneOf(prober, state);
    for (const result of Object.values(state.results)) {
      if (freshUntil(result) < now) continue;
      const kmsHost = result.probe === "dns_srv" ? undefined : hostOf(result, names);
      looks.push({ prober, proberZone, result, ...(kmsHost !== undefined && { kmsHost }) });
    }
  }
  return { looks, names };
};

/** Confirmed by its own facts, by the collector's configuration, or by the prober's (docs/counting-rules.md, "Names"). */
const hostOf = ({ target, configured }: ProbeResult, names: HostNames): string | undefined => {
  const host = kmsTargetOf(target)?.host;
  if (host === undefined || names.isHidden(host)) return undefined;
  return names.of(host) ?? (configured ? host : undefined);
};

export interface Up {
  readonly kmsHost: string;
  readonly probe: string;
  readonly proberZone: string;
  readonly up: boolean;
}

/** Up, as seen from a zone: when any prober there got an answer the last time it looked. */
export const upByZone = (looks: readonly Look[]): Up[] => {
  const all = new Map<string, Up>();
  for (const { kmsHost, proberZone, result } of looks) {
    if (kmsHost === undefined) continue;
    const { probe, outcome } = result;
    const key = `${kmsHost} ${probe} ${proberZone}`;
    const known = all.get(key) ?? { kmsHost, probe, proberZone, up: false };
    all.set(key, { ...known, up: known.up || outcome === "ok" });
  }
  return [...all.values()];
};

export interface SrvSeen {
  readonly domain: string;
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  readonly state: SrvState;
}

/**
 * Every SRV record that some prober sees. One that leads nowhere for all of them is unresolvable, unless it is not ours at
 * all.
 */
export const srvRecords = ({ looks, names }: ProbeView): SrvSeen[] => {
  const configured = new Set(
    looks.flatMap(({ result }) => (result.configured ? [kmsTargetOf(result.target)?.host ?? ""] : [])),
  );
  const all = new Map<string, { seen: Omit<SrvSeen, "state">; resolves: boolean }>();
  for (const { result } of looks)
    for (const it of result.records ?? []) {
      const { target, port, priority, weight } = it;
      const key = [result.target, target, port, priority, weight].join(" ");
      const known = all.get(key) ?? {
        seen: { domain: result.target, target, port, priority, weight },
        resolves: false,
      };
      all.set(key, { ...known, resolves: known.resolves || !leadsNowhere(it) });
    }
  return [...all.values()].map(({ seen, resolves }) => {
    const state = names.stateOf(seen.target, configured.has(seen.target));
    return { ...seen, state: state === "unexpected" || resolves ? state : "unresolvable" };
  });
};

/**
 * In which DNS domains the host's own log says that it is published, or failed to be. Nothing any more once a newer reading
 * of WMI says that it does not try: its records are then made by hand.
 */
export const loggedPublications = ({
  domains,
  reading,
}: KmsHostState): (readonly [domain: string, published: boolean])[] =>
  Object.entries(domains)
    .filter(([, it]) => reading?.dnsPublishing !== false || it.at > reading.at)
    .map(([domain, it]) => [domain, it.published] as const);

export interface Published {
  readonly kmsHost: string;
  readonly domain: string;
  readonly published: boolean;
}

/**
 * Whether DNS offers a KMS host in a domain, by what probers see there now; nothing where no prober got an answer. A host
 * that is not there is missing if its log said that it publishes there; in a domain that was configured also if it is the
 * host's own domain, or if no KMS host of ours is there at all.
 */
export const publishedBy = (
  { looks, names }: ProbeView,
  hosts: ReadonlyMap<string, KmsHostState>,
  { expectedHosts, srvDomains }: HostRules,
): Published[] => {
  const domains = new Map<string, { seen: Set<string>; configured: boolean }>();
  for (const { result } of looks) {
    if (result.probe !== "dns_srv" || !isAnswer(result.outcome)) continue;
    const known = domains.get(result.target) ?? { seen: new Set(), configured: srvDomains.includes(result.target) };
    for (const it of result.records ?? []) known.seen.add(names.of(it.target) ?? "");
    domains.set(result.target, { ...known, configured: known.configured || result.configured === true });
  }
  const ours = [...new Set([...hosts.keys(), ...expectedHosts])].filter((it) => !names.isHidden(it)).sort();
  const wanted = new Set(expectedHosts.length > 0 ? expectedHosts : ours);
  return [...domains].flatMap(([domain, { seen, configured }]) => {
    const nonePublished = !ours.some((it) => seen.has(it));
    return ours.flatMap((kmsHost): Published[] => {
      if (seen.has(kmsHost)) return [{ kmsHost, domain, published: true }];
      const host = hosts.get(kmsHost);
      const said = host !== undefined && loggedPublications(host).some(([it]) => it === domain);
      const own = kmsHost.slice(kmsHost.indexOf(".") + 1) === domain;
      const missing = said || (configured && wanted.has(kmsHost) && (own || nonePublished));
      return missing ? [{ kmsHost, domain, published: false }] : [];
    });
  });
};

/** One item of `GET /api/v1/probes`. Times are ISO 8601. */
export interface ProbeItem extends Pick<ProbeResult, "probe" | "target" | "outcome" | "records"> {
  readonly prober: string;
  readonly zone: string;
  readonly kms_host?: string | undefined;
  readonly latency_ms?: number | undefined;
  readonly at: string;
  readonly since: string;
  readonly fresh_until: string;
}

/** The newest results, to look at when a metric says that something does not answer. */
export const probeItems = ({ looks }: ProbeView): ProbeItem[] =>
  looks.map(({ prober, proberZone, result, kmsHost }) => ({
    prober,
    zone: proberZone,
    probe: result.probe,
    target: result.target,
    kms_host: kmsHost,
    outcome: result.outcome,
    latency_ms: result.latencyMs,
    at: iso(result.at),
    since: iso(result.since),
    fresh_until: iso(freshUntil(result)),
    ...(result.records && { records: result.records }),
  }));

/** Sentences for the API and the page: which probers cannot reach the KMS host that they looked at. */
export const probeFindings = (looks: readonly Look[], say: Sentences): string[] => {
  const failing = looks.filter((it) => it.result.outcome !== "ok");
  const told = failing.filter(
    (it) =>
      it.result.probe === "tcp" || !failing.some((other) => other.prober === it.prober && other.result.probe === "tcp"),
  );
  return told.slice(0, SENTENCES_MAX).map(({ prober, proberZone: zone, result }) => {
    const { target, outcome, since, probe } = result;
    return say.probe({ prober, zone, since, target, outcome, isTcp: probe === "tcp" });
  });
};
const SENTENCES_MAX = 5;
