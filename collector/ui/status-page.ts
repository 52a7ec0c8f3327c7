import { HEALTH_STATES } from "../../licensing/kms/health.ts";
import type { Instant } from "../../licensing/time.ts";
import type { KmsHostItem, Threshold } from "../summary/kms-host-item.ts";
import { countBar } from "./count-bar.ts";
import { html, type Markup } from "./html.ts";
import { document, type PageContext } from "./layout.ts";
import { healthOfItems, LEVELS, type Level } from "./levels.ts";
import { type RefusedRequests, refusedSection } from "./refused-requests.ts";
import { instant, span } from "./times.ts";

interface StatusPageParts {
  /** What the administrator accepted against the rules. */
  readonly warnings?: readonly string[];
  readonly refused?: readonly RefusedRequests[];
}

const knownUntil = (it: KmsHostItem): Instant | undefined => {
  const times = Object.values(it.known_until).flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
  return times.length === 0 ? undefined : Math.max(...times);
};

/** The first thing one sees: is every KMS host above its thresholds, since when is that known, what to do. */
export const statusPage = (
  { items }: { items: readonly KmsHostItem[] },
  context: PageContext,
  { warnings = [], refused = [] }: StatusPageParts = {},
): string => {
  const { t } = context;
  const hosts = Map.groupBy(items, (it) => it.kms_host);
  const level = LEVELS[healthOfItems(items)];
  const cards = [...hosts.values()]
    .map((its) => ({ its, state: healthOfItems(its) }))
    .sort((a, b) => HEALTH_STATES.indexOf(a.state) - HEALTH_STATES.indexOf(b.state))
    .map(({ its, state }) => card(its, LEVELS[state], context));
  const content = html`<h1>${t.overview.title} <small>${hosts.size === 0 ? t.overview.noHost : t.overview.hosts(hosts.size)}</small></h1>
${warnings.map((it) => html`<p class="warning">${it}</p>`)}
${hosts.size === 0 ? empty(context) : html`<p class="verdict ${level}"><b>${t.verdict[level]}</b> ${t.verdictSentences[level]}</p><div class="cards">${cards}</div>`}
${refusedSection(refused, context)}`;
  return document(context, {
    title: hosts.size === 0 ? t.overview.title : t.verdict[level],
    current: "overview",
    content,
  });
};

/** What to do at the first start. */
const empty = ({ t }: PageContext): Markup =>
  html`<section><h2>${t.overview.waiting}</h2><p>${t.overview.waitingText}</p><ul>${t.overview.connect.map(([what, command]) => html`<li>${what}<br><code>${command}</code></li>`)}</ul></section>`;

/** One KMS host with all that it counts. */
const card = (its: readonly KmsHostItem[], level: Level, context: PageContext): Markup => {
  const { t } = context;
  const { kms_host: host, zone } = its[0]!;
  const known = Math.max(...its.map((it) => knownUntil(it) ?? 0));
  const findings = [...new Set(its.flatMap((it) => it.findings))];
  const rows = its.flatMap((it) =>
    (Object.entries(it.thresholds) as [keyof KmsHostItem["thresholds"], Threshold][]).map(([name, threshold]) =>
      thresholdRow(it, t.labels.productClass[name], threshold, context),
    ),
  );
  const head = [t.product, t.overview.count, t.overview.required, t.overview.headroom, t.overview.falls];
  return html`<section class="${level}"><h2>${host} <small>${zone}</small> <b>${t.verdict[level]}</b></h2>
${its.map((it) => countBar(it, LEVELS[it.health], t))}
${
  rows.length > 0 &&
  html`<div class="scroll" role="region" tabindex="0" aria-label="${host}"><table><thead><tr>${head.map((it) => html`<th>${it}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}
<p class="dim">${known === 0 ? t.overview.noData : html`${t.overview.dataUntil} ${instant(known, context)}`} · <a href="/kms-hosts/${encodeURIComponent(host)}">${t.overview.details(host)}</a></p>
${findings.map((it) => html`<p class="finding">${it}</p>`)}</section>`;
};

const thresholdRow = (
  it: KmsHostItem,
  name: string,
  { required, headroom, health, below_threshold_at: falls }: Threshold,
  context: PageContext,
): Markup => {
  const { t } = context;
  const spare = headroom === undefined ? "?" : headroom < 0 ? t.overview.missing(-headroom) : headroom;
  return html`<tr class="${LEVELS[health]}"><th>${name}</th><td>${it.effective_clients ?? "?"}</td><td>${required}</td><td>${spare}</td><td>${falls !== undefined && fallsText(Date.parse(falls), context)}</td></tr>`;
};

const fallsText = (at: Instant, context: PageContext): Markup => {
  const { t, now } = context;
  return at <= now
    ? html`${t.overview.fell} ${instant(at, context)}`
    : html`${t.in(span(at - now, t))} <small>${instant(at, context)}</small>`;
};
