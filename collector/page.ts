import { VERDICT } from "../licensing/verdict.ts";

interface HostItem {
  readonly kms_host: string;
  readonly zone: string;
  readonly application: string;
  readonly effective_clients?: number;
  readonly reported_clients?: number;
  readonly distinct_clients?: number;
  readonly known_until: Readonly<Record<string, string | undefined>>;
  readonly thresholds: Readonly<
    Record<string, { required: number; headroom?: number; reached: boolean; below_threshold_at?: string }>
  >;
  readonly findings: readonly string[];
}

/** The first thing one sees: is every KMS host above its thresholds, since when is that known, what to do. No scripts. */
export const statusPage = ({ items }: { items: readonly HostItem[] }, version: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="15">
<title>activation-monitor</title><style>${STYLE}</style></head><body>
<header><h1>activation-monitor</h1><p>Microsoft Volume Activation, ${items.length === 0 ? "no KMS host yet" : count(new Set(items.map((it) => it.kms_host)).size, "KMS host")}</p></header>
<main>${items.length === 0 ? EMPTY : items.map(card).join("\n")}</main>
<footer>${html(version)} · <a href="/metrics">metrics</a> · <a href="/api/v1/kms-hosts">KMS hosts</a> · <a href="/api/v1/computers">computers</a> · <a href="/api/v1/events">events</a></footer>
</body></html>
`;

const EMPTY = `<section><h2>Waiting for the first KMS host</h2><p>It appears as soon as an agent or an OpenTelemetry Collector reports its log or its license state to the OTLP address.</p></section>`;

const card = (it: HostItem): string => {
  const known = Object.values(it.known_until)
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
  return `<section><h2>${html(it.kms_host)} <small>${html(it.zone)} · ${html(it.application)}</small></h2>
<p class="big">${it.effective_clients ?? "?"} <small>clients counted</small></p>
<table>${Object.entries(it.thresholds).map(threshold).join("")}</table>
<p class="dim">Known until ${known ? shortTime(known) : "never"}${it.distinct_clients === undefined ? "" : `, ${count(it.distinct_clients, "distinct client")} in 30 days`}</p>
${it.findings.map((finding) => `<p class="finding">${html(finding)}</p>`).join("")}</section>`;
};

const threshold = ([name, it]: [string, HostItem["thresholds"][string]]): string => {
  const near = name === "client" ? VERDICT.nearClients : VERDICT.nearOthers;
  const state =
    it.headroom === undefined ? "unknown" : it.headroom < 0 ? "below" : it.headroom <= near ? "near" : "safe";
  const margin =
    it.headroom === undefined ? "not known" : it.headroom < 0 ? `${-it.headroom} missing` : `${it.headroom} to spare`;
  const falls = it.below_threshold_at ? `falls below on ${shortTime(it.below_threshold_at)} if nobody renews` : "";
  return `<tr class="${state}"><th>${html(name)}</th><td>needs ${it.required}</td><td>${margin}</td><td>${falls}</td></tr>`;
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
const shortTime = (text: string): string => html(`${text.slice(0, 16).replace("T", " ")} UTC`);
const html = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const STYLE = `:root{color-scheme:light dark;--line:#8884;--safe:#2a8a4a;--near:#b8860b;--below:#c0392b}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}h1{margin:0}header p{margin:0 0 1.5rem;opacity:.7}
section{border:1px solid var(--line);border-radius:.5rem;padding:1rem 1.25rem;margin:1rem 0}h2{margin:0;font-size:1.15rem}small{font-weight:400;opacity:.65;font-size:.8em}
.big{font-size:2.2rem;margin:.25rem 0}table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600;width:8rem}td,th{padding:.25rem .5rem .25rem 0;border-top:1px solid var(--line)}
tr.safe th{color:var(--safe)}tr.near th{color:var(--near)}tr.below th,tr.below td{color:var(--below);font-weight:600}.dim,footer{opacity:.7;font-size:.9rem}.finding{border-left:3px solid var(--near);padding-left:.75rem;margin:.5rem 0}`;
