import { HEALTH_STATES, type HealthState, worstState } from "../../licensing/kms/health.ts";
import { type Instant, MINUTE, utcMinute } from "../../licensing/time.ts";
import type { KmsHostItem, Threshold } from "../summary/kms-host-item.ts";
import { html } from "./html.ts";
import { type RefusedRequests, refusedSection } from "./refused-requests.ts";

interface StatusPageOptions {
  readonly version: string;
  readonly now: Instant;
  /** What the administrator accepted against the rules. */
  readonly warnings?: readonly string[];
  readonly refused?: readonly RefusedRequests[];
}

/** What the page shows of a state of health: a word, and a colour. */
type Level = "risk" | "watch" | "unknown" | "maintenance" | "safe";
const LEVELS: Readonly<Record<HealthState, Level>> = {
  refusing: "risk",
  down: "risk",
  below: "risk",
  near: "watch",
  falling: "watch",
  not_reached: "watch",
  unknown: "unknown",
  maintenance: "maintenance",
  safe: "safe",
};
const WORDS: Readonly<Record<Level, string>> = {
  risk: "AT RISK",
  watch: "WATCH",
  unknown: "UNKNOWN",
  maintenance: "MAINTENANCE",
  safe: "SAFE",
};
const SENTENCES: Readonly<Record<Level, string>> = {
  risk: "At least one KMS host refuses clients, does not answer, or counts too few computers.",
  watch:
    "All KMS hosts activate, but at least one has little headroom, will stop soon, or has not reached a threshold yet.",
  unknown: "No current data from at least one KMS host.",
  maintenance: "At least one KMS host is in maintenance.",
  safe: "All KMS hosts activate and have headroom.",
};

/** Clients of products that nobody named make no host unknown: what they leave open of its counts is in those counts. */
const healthOf = (items: readonly KmsHostItem[]): HealthState =>
  worstState(items.filter((it) => it.application !== "unknown" || it.health !== "unknown").map((it) => it.health));

const knownUntil = (it: KmsHostItem): Instant | undefined => {
  const times = Object.values(it.known_until).flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
  return times.length === 0 ? undefined : Math.max(...times);
};

/** The first thing one sees: is every KMS host above its thresholds, since when is that known, what to do. No scripts. */
export const statusPage = (
  { items }: { items: readonly KmsHostItem[] },
  { version, now, warnings = [], refused = [] }: StatusPageOptions,
): string => {
  const hosts = Map.groupBy(items, (it) => it.kms_host);
  const level = LEVELS[healthOf(items)];
  const cards = [...hosts.values()]
    .map((its) => ({ its, state: healthOf(its) }))
    .sort((a, b) => HEALTH_STATES.indexOf(a.state) - HEALTH_STATES.indexOf(b.state))
    .map(({ its, state }) => card(its, LEVELS[state], now));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="15">
<title>${hosts.size === 0 ? "" : `${WORDS[level]} · `}activation-monitor</title><style>${STYLE}</style></head><body>
<header><h1>activation-monitor</h1><p>Microsoft Volume Activation · ${hosts.size === 0 ? "no KMS host yet" : count(hosts.size, "KMS host")}</p></header>
${warnings.map((it) => `<p class="warning">${html(it)}</p>`).join("")}
${hosts.size === 0 ? EMPTY : `<p class="verdict ${level}"><b>${WORDS[level]}</b> ${SENTENCES[level]}</p><main>${cards.join("\n")}</main>`}
${refusedSection(refused)}
<footer>${html(version)} · <a href="/metrics">metrics</a> · ${API.map(([path, text]) => `<a href="/api/v1/${path}">${text}</a>`).join(" · ")}</footer>
</body></html>
`;
};

const API = [
  ["kms-hosts", "KMS hosts"],
  ["computers", "computers"],
  ["events", "events"],
  ["probes", "probes"],
  ["worksheet", "worksheet"],
  ["recommendations", "recommendations"],
] as const;

const EMPTY = `<section><h2>Waiting for the first KMS host</h2><p>It appears as soon as an agent or an OpenTelemetry Collector reports its log or its license state to the OTLP address.</p></section>`;

/** One KMS host with all that it counts. */
const card = (its: readonly KmsHostItem[], level: Level, now: Instant): string => {
  const { kms_host: host, zone } = its[0]!;
  const known = Math.max(...its.map((it) => knownUntil(it) ?? 0));
  const findings = [...new Set(its.flatMap((it) => it.findings))];
  const rows = its
    .flatMap((it) => Object.entries(it.thresholds).map(([name, threshold]) => row(it, name, threshold, now)))
    .join("");
  return `<section class="${level}"><h2>${html(host)} <small>${html(zone)}</small> <b>${WORDS[level]}</b></h2>
${
  rows === ""
    ? ""
    : `<table><thead><tr><th>Products</th><th>Count</th><th>Required</th><th>Headroom</th><th>Drops below if no client renews</th></tr></thead>
<tbody>${rows}</tbody></table>`
}
<p class="dim">${known === 0 ? "No data received yet" : `Data until ${utcMinute(known)}`} · <a href="/api/v1/kms-hosts/${encodeURIComponent(host)}">Clients</a></p>
${findings.map((finding) => `<p class="finding">${html(finding)}</p>`).join("")}</section>`;
};

const row = (it: KmsHostItem, name: string, threshold: Threshold, now: Instant): string => {
  const { required, headroom, below_threshold_at: falls } = threshold;
  const spare = headroom === undefined ? "?" : headroom < 0 ? `${-headroom} missing` : headroom;
  return `<tr class="${LEVELS[threshold.health]}"><th>${html(name)}</th><td>${it.effective_clients ?? "?"}</td><td>${required}</td><td>${spare}</td><td>${falls ? fallsText(Date.parse(falls), now) : ""}</td></tr>`;
};

const fallsText = (at: Instant, now: Instant): string =>
  at <= now ? `fell on ${utcMinute(at)}` : `in ${span(at - now)} <small>${utcMinute(at)}</small>`;
const span = (ms: number): string => {
  const minutes = Math.max(1, Math.round(ms / MINUTE));
  if (minutes < 120) return count(minutes, "minute");
  return minutes < 48 * 60 ? count(Math.round(minutes / 60), "hour") : count(Math.round(minutes / 1_440), "day");
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

const STYLE = `:root{color-scheme:light dark;--line:#8884;--safe:#2a8a4a;--watch:#b36b00;--unknown:#7a4fb5;--risk:#c0392b;--maintenance:#3a6fb0}
@media (prefers-color-scheme:dark){:root{--safe:#5fbf7f;--watch:#f0a020;--unknown:#b48ef0;--risk:#ff6b5e;--maintenance:#7fb2f0}}
body{font:15px/1.45 system-ui,sans-serif;max-width:76rem;margin:1.5rem auto;padding:0 1rem}h1{margin:0;font-size:1.5rem}header p{margin:0 0 1rem;opacity:.7}
.safe{--state:var(--safe)}.watch{--state:var(--watch)}.unknown{--state:var(--unknown)}.risk{--state:var(--risk)}.maintenance{--state:var(--maintenance)}
.warning{border:2px solid var(--risk);padding:.6rem 1rem}.refused{margin:1rem 0 0}.refused td{vertical-align:top}
.verdict{border-left:.5rem solid var(--state);padding:.6rem 1rem;margin:0 0 1rem;background:color-mix(in srgb,var(--state) 12%,transparent)}.verdict b{color:var(--state);font-size:1.6rem;margin-right:.75rem}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(34rem,100%),1fr));gap:1rem;align-items:start}
section{border:1px solid var(--line);border-top:3px solid var(--state,var(--line));border-radius:.4rem;padding:.75rem 1rem}h2{margin:0 0 .5rem;font-size:1.05rem}h2 b{float:right;color:var(--state)}small{font-weight:400;opacity:.65;font-size:.85em}
table{border-collapse:collapse;width:100%}th{text-align:left}td,th{padding:.2rem .6rem .2rem 0;border-top:1px solid var(--line)}thead th{border:0;font-weight:400;opacity:.65;font-size:.85em}td{font-variant-numeric:tabular-nums}
tbody th,tr.risk td,tr.unknown td{color:var(--state)}.dim,footer{opacity:.7;font-size:.9rem;margin:.5rem 0 0}footer{margin-top:1.5rem}.finding{border-left:3px solid var(--state,var(--line));padding-left:.6rem;margin:.5rem 0 0}`;
