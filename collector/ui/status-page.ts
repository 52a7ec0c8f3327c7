import { HEALTH } from "../../licensing/kms/health.ts";
import { type Instant, MINUTE, utcMinute } from "../../licensing/time.ts";

interface Threshold {
  readonly required: number;
  readonly headroom?: number;
  readonly reached: boolean;
  readonly below_threshold_at?: string;
}
interface HostItem {
  readonly kms_host: string;
  readonly zone: string;
  readonly application: string;
  readonly effective_clients?: number;
  readonly distinct_clients?: number;
  readonly complete: boolean;
  readonly known_until: Readonly<Record<string, string | undefined>>;
  readonly thresholds: Readonly<Record<string, Threshold>>;
  readonly findings: readonly string[];
}

/** Worse ones come later; what is not known is never safe. The same order as in the dashboards. */
const STATES = ["safe", "watch", "unknown", "risk"] as const;
type State = (typeof STATES)[number];
const WORDS: Readonly<Record<State, string>> = { safe: "SAFE", watch: "WATCH", unknown: "UNKNOWN", risk: "AT RISK" };
const SENTENCES: Readonly<Record<State, string>> = {
  safe: "Every KMS host counts enough computers.",
  watch: "Every KMS host that activated still does, but not by much or not for long.",
  unknown: "Of some KMS hosts nothing can be said. Silence is not zero, and not safe either.",
  risk: "A KMS host counts too few computers: it refuses new ones.",
};
const worst = (states: readonly State[]): State =>
  states.reduce((a, b) => (STATES.indexOf(a) > STATES.indexOf(b) ? a : b), "safe");

const knownUntil = (it: HostItem): Instant | undefined => {
  const times = Object.values(it.known_until).flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
  return times.length === 0 ? undefined : Math.max(...times);
};

const stateOf = (it: HostItem, name: string, threshold: Threshold, now: Instant): State => {
  const { headroom, reached, below_threshold_at: falls } = threshold;
  if (headroom === undefined || now - (knownUntil(it) ?? 0) > HEALTH.unknownAfter) return "unknown";
  if (headroom < 0) return reached ? "risk" : "watch";
  const near = name === "client" ? HEALTH.nearClients : HEALTH.nearOthers;
  const soon = it.complete && falls !== undefined && Date.parse(falls) - now < HEALTH.forecast;
  return headroom <= near || soon ? "watch" : "safe";
};

const statesOf = (it: HostItem, now: Instant): State[] => {
  const states = Object.entries(it.thresholds).map(([name, threshold]) => stateOf(it, name, threshold, now));
  // A host of which no class is known to be in use has told nothing yet.
  return states.length === 0 && it.application !== "unknown" && it.effective_clients === undefined
    ? ["unknown"]
    : states;
};

/** The first thing one sees: is every KMS host above its thresholds, since when is that known, what to do. No scripts. */
export const statusPage = (
  { items }: { items: readonly HostItem[] },
  { version, now, warnings = [] }: { version: string; now: Instant; warnings?: readonly string[] },
): string => {
  const hosts = Map.groupBy(items, (it) => it.kms_host);
  const verdict = worst(items.flatMap((it) => statesOf(it, now)));
  const cards = [...hosts.values()]
    .map((its) => ({ its, state: worst(its.flatMap((it) => statesOf(it, now))) }))
    .sort((a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state))
    .map(({ its, state }) => card(its, state, now));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="15">
<title>${hosts.size === 0 ? "" : `${WORDS[verdict]} · `}activation-monitor</title><style>${STYLE}</style></head><body>
<header><h1>activation-monitor</h1><p>Microsoft Volume Activation · ${hosts.size === 0 ? "no KMS host yet" : count(hosts.size, "KMS host")}</p></header>
${warnings.map((it) => `<p class="warning">${html(it)}</p>`).join("")}
${hosts.size === 0 ? EMPTY : `<p class="verdict ${verdict}"><b>${WORDS[verdict]}</b> ${SENTENCES[verdict]}</p><main>${cards.join("\n")}</main>`}
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
const card = (its: readonly HostItem[], state: State, now: Instant): string => {
  const { kms_host: host, zone } = its[0]!;
  const known = Math.max(...its.map((it) => knownUntil(it) ?? 0));
  const findings = [...new Set(its.flatMap((it) => it.findings))];
  const rows = its
    .flatMap((it) => Object.entries(it.thresholds).map(([name, threshold]) => row(it, name, threshold, now)))
    .join("");
  return `<section class="${state}"><h2>${html(host)} <small>${html(zone)}</small> <b>${WORDS[state]}</b></h2>
${
  rows === ""
    ? ""
    : `<table><thead><tr><th>products</th><th>count</th><th>need</th><th>to spare</th><th>falls below, if nobody renews</th></tr></thead>
<tbody>${rows}</tbody></table>`
}
<p class="dim">Known until ${known === 0 ? "never" : utcMinute(known)} · <a href="/api/v1/kms-hosts/${encodeURIComponent(host)}">its clients</a></p>
${findings.map((finding) => `<p class="finding">${html(finding)}</p>`).join("")}</section>`;
};

const row = (it: HostItem, name: string, threshold: Threshold, now: Instant): string => {
  const { required, headroom, below_threshold_at: falls } = threshold;
  const spare = headroom === undefined ? "?" : headroom < 0 ? `${-headroom} missing` : headroom;
  return `<tr class="${stateOf(it, name, threshold, now)}"><th>${html(name)}</th><td>${it.effective_clients ?? "?"}</td><td>${required}</td><td>${spare}</td><td>${falls ? fallsText(Date.parse(falls), now) : ""}</td></tr>`;
};

const fallsText = (at: Instant, now: Instant): string =>
  at <= now ? `fell on ${utcMinute(at)}` : `in ${span(at - now)} <small>${utcMinute(at)}</small>`;
const span = (ms: number): string => {
  const minutes = Math.max(1, Math.round(ms / MINUTE));
  if (minutes < 120) return count(minutes, "minute");
  return minutes < 48 * 60 ? count(Math.round(minutes / 60), "hour") : count(Math.round(minutes / 1_440), "day");
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
const html = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const STYLE = `:root{color-scheme:light dark;--line:#8884;--safe:#2a8a4a;--watch:#b36b00;--unknown:#7a4fb5;--risk:#c0392b}
@media (prefers-color-scheme:dark){:root{--safe:#5fbf7f;--watch:#f0a020;--unknown:#b48ef0;--risk:#ff6b5e}}
body{font:15px/1.45 system-ui,sans-serif;max-width:76rem;margin:1.5rem auto;padding:0 1rem}h1{margin:0;font-size:1.5rem}header p{margin:0 0 1rem;opacity:.7}
.safe{--state:var(--safe)}.watch{--state:var(--watch)}.unknown{--state:var(--unknown)}.risk{--state:var(--risk)}
.warning{border:2px solid var(--risk);padding:.6rem 1rem}
.verdict{border-left:.5rem solid var(--state);padding:.6rem 1rem;margin:0 0 1rem;background:color-mix(in srgb,var(--state) 12%,transparent)}.verdict b{color:var(--state);font-size:1.6rem;margin-right:.75rem}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(34rem,100%),1fr));gap:1rem;align-items:start}
section{border:1px solid var(--line);border-top:3px solid var(--state,var(--line));border-radius:.4rem;padding:.75rem 1rem}h2{margin:0 0 .5rem;font-size:1.05rem}h2 b{float:right;color:var(--state)}small{font-weight:400;opacity:.65;font-size:.85em}
table{border-collapse:collapse;width:100%}th{text-align:left}td,th{padding:.2rem .6rem .2rem 0;border-top:1px solid var(--line)}thead th{border:0;font-weight:400;opacity:.65;font-size:.85em}td{font-variant-numeric:tabular-nums}
tbody th,tr.risk td,tr.unknown td{color:var(--state)}.dim,footer{opacity:.7;font-size:.9rem;margin:.5rem 0 0}footer{margin-top:1.5rem}.finding{border-left:3px solid var(--state,var(--line));padding-left:.6rem;margin:.5rem 0 0}`;
