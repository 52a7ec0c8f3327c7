import type { RecommendationItem } from "../../summary/recommendations.ts";
import type { WorksheetAnswer } from "../../summary/worksheet.ts";
import { html, type Markup } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { row, table } from "../table.ts";

const ZONES_MAX = 40;

/** The planning guide's Table 2 from live data, and Table 1 for each configured zone. */
export const worksheetPage = (
  { items, problem }: WorksheetAnswer,
  recommendations: readonly RecommendationItem[],
  context: PageContext,
): string => {
  const { t } = context;
  const zones = items.slice(0, ZONES_MAX);
  const content = html`<h1>${t.worksheet.title}</h1><p>${t.worksheet.intro}</p>
${problem !== undefined && html`<p class="warning" lang="en">${problem}</p>`}
${zones.length === 0 && html`<section><p>${t.worksheet.none}</p></section>`}
${zones.map((it) =>
  zoneSection(
    it,
    recommendations.find(({ zone }) => zone === it.zone),
    context,
  ),
)}
${items.length > ZONES_MAX && html`<p><a href="/api/v1/worksheet">${t.more(items.length - ZONES_MAX)}</a></p>`}`;
  return document(context, { title: t.worksheet.title, current: "worksheet", content });
};

const zoneSection = (
  { zone, kind, rows, finding }: WorksheetAnswer["items"][number],
  advice: RecommendationItem | undefined,
  { t }: PageContext,
): Markup => html`<section><h2>${zone} <small>${t.labels.zoneKind[kind as keyof typeof t.labels.zoneKind]}</small></h2>
${table(
  `${t.worksheet.title}: ${zone}`,
  [t.worksheet.row, t.worksheet.criterion, t.worksheet.method, t.worksheet.computers],
  rows.map((it) =>
    row([
      it.row,
      t.labels.criterion[it.criterion],
      t.labels.method[it.method as keyof typeof t.labels.method] ?? it.method,
      it.computers,
    ]),
  ),
)}
${finding !== undefined && html`<p class="finding watch">${finding}</p>`}
${
  advice
    ? html`<h3>${t.worksheet.hosts}</h3><p>${t.worksheet.recommended(advice.recommended_hosts, advice.kms_hosts.length)}</p>
<p>${advice.kms_hosts.slice(0, 20).map((it, i) => html`${i > 0 && ", "}<a href="/kms-hosts/${encodeURIComponent(it)}">${it}</a>`)}</p>
${advice.sentences.map((it) => html`<p class="finding">${it}</p>`)}`
    : html`<p class="dim">${t.worksheet.notConfigured}</p>`
}</section>`;
