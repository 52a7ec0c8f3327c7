import { HEALTH_STATES, type HealthState } from "../../../licensing/kms/health.ts";
import type { Instant } from "../../../licensing/time.ts";
import type { FleetOverview } from "../../summary/fleet-overview.ts";
import type { KmsHostItem, Threshold } from "../../summary/kms/kms-host-item.ts";
import { countBar } from "../count-bar.ts";
import { fleetSummary } from "../fleet-summary.ts";
import { html, type Markup } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { healthOfItems, LEVELS, type Level } from "../levels.ts";
import { nextSteps } from "../next-steps.ts";
import { type RefusedRequests, refusedSection } from "../refused-requests.ts";
import { instant, span } from "../times.ts";
import { type Addresses, connectSections } from "./connect-page.ts";

export interface StatusPageParts {
  readonly fleet: FleetOverview;
  readonly addresses: Addresses;
  /** What the administrator accepted against the rules. */
  readonly warnings?: readonly string[];
  readonly refused?: readonly RefusedRequests[];
}

/** So many KMS hosts, the worst first, have a card; the others are links. With them the page stays under 100 KB. */
const CARDS_MAX = 16;
const LINKS_MAX = 200;

const knownUntil = (it: KmsHostItem): Instant | undefined => {
  const times = Object.values(it.known_until).flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
  return times.length === 0 ? undefined : Math.max(...times);
};

/** The first thing one sees: is every KMS host above its thresholds, since when is that known, what to do. */
export const statusPage = (
  { items }: { items: readonly KmsHostItem[] },
  context: PageContext,
  { fleet, addresses, warnings = [], refused = [] }: StatusPageParts,
): string => {
  const { t } = context;
  const hosts = Map.groupBy(items, (it) => it.kms_host);
  const level = LEVELS[healthOfItems(items)];
  const worstFirst = [...hosts.values()]
    .map((its) => ({ its, state: healthOfItems(its) }))
    .sort((a, b) => HEALTH_STATES.indexOf(a.state) - HEALTH_STATES.indexOf(b.state));
  const content = html`<h1>${t.overview.title} <small>${hosts.size === 0 ? t.overview.noHost : t.overview.hosts(hosts.size)}</small></h1>
${warnings.map((it) => html`<p class="warning">${it}</p>`)}
${
  hosts.size === 0
    ? html`<section><h2>${t.overview.waiting}</h2><p>${t.overview.waitingText}</p></section>`
    : html`<p class="verdict ${level}"><b>${t.verdict[level]}</b> ${t.verdictSentences[level]}</p>${nextSteps(items, fleet, refused, context)}
<div class="cards">${worstFirst.slice(0, CARDS_MAX).map(({ its, state }) => card(its, LEVELS[state], context))}</div>${others(worstFirst.slice(CARDS_MAX), context)}`
}
${hasReported(fleet) && fleetSummary(fleet, context)}${hosts.size === 0 && connectSections(addresses, context)}
${refusedSection(refused, context)}`;
  return document(context, {
    title: hosts.size === 0 ? t.overview.title : t.verdict[level],
    current: "overview",
    content,
  });
};

const hasReported = ({ computers: { reporting, silent, retired } }: FleetOverview): boolean =>
  reporting + silent + retired > 0;

/** The KMS hosts without a card. */
const others = (
  hosts: readonly { readonly its: readonly KmsHostItem[]; readonly state: HealthState }[],
  { t }: PageContext,
): Markup =>
  hosts.length === 0
    ? html``
    : html`<section><ul class="index">${hosts
        .slice(0, LINKS_MAX)
        .map(
          ({ its, state }) =>
            html`<li class="${LEVELS[state]}"><a href="/kms-hosts/${encodeURIComponent(its[0]!.kms_host)}">${its[0]!.kms_host}</a> <span class="state">${t.health[state]}</span></li>`,
        )}</ul>${hosts.length > LINKS_MAX && html`<p><a href="/api/v1/kms-hosts">${t.more(hosts.length - LINKS_MAX)}</a></p>`}</section>`;

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
