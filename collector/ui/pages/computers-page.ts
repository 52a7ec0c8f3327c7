import { CHANNELS, STATUSES } from "../../../licensing/license.ts";
import type { ComputerItem } from "../../summary/computer-item.ts";
import { html, type Markup } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { row, table } from "../table.ts";
import { distance } from "../times.ts";

/** The filters of the list, as the query has them. */
export type ComputerFilters = {
  readonly q?: string | undefined;
  readonly zone?: string | undefined;
  readonly status?: string | undefined;
  readonly channel?: string | undefined;
};

export interface ComputerList {
  readonly items: readonly ComputerItem[];
  readonly next_cursor: string | null;
}

/** The computers that match, page by page; the same list as CSV. */
export const computersPage = (
  list: ComputerList,
  { filters, zones, isFirst }: { filters: ComputerFilters; zones: readonly string[]; isFirst: boolean },
  context: PageContext,
): string => {
  const { t } = context;
  const content = html`<h1>${t.menu.computers}</h1>
<form method="get" action="/computers">
<label>${t.computers.search}<input type="search" name="q" value="${filters.q ?? ""}" maxlength="253"></label>
${select("zone", t.zone, filters.zone, new Map([...new Set([...zones, ...(filters.zone ? [filters.zone] : [])])].map((it) => [it, it])), t.computers.all)}
${select("status", t.status, filters.status, new Map(STATUSES.map((it) => [it, t.labels.status[it]])), t.computers.all)}
${select("channel", t.channel, filters.channel, new Map(CHANNELS.map((it) => [it, t.labels.channel[it]])), t.computers.all)}
<button type="submit">${t.computers.apply}</button></form>
${computerTable(list, t.menu.computers, context)}
${pages("/computers", filters, list.next_cursor, isFirst, context)}
<p class="dim"><a href="/computers?${queryOf({ ...filters, format: "csv" })}">${t.computers.csv}</a></p>`;
  return document(context, { title: t.menu.computers, current: "computers", content });
};

const select = (
  name: string,
  label: string,
  chosen: string | undefined,
  options: ReadonlyMap<string, string>,
  all: string,
): Markup =>
  html`<label>${label}<select name="${name}"><option value="">${all}</option>${[...options].map(([value, text]) =>
    value === chosen
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`,
  )}</select></label>`;

/** The parameters that are set, as text for a link. */
export const queryOf = (parameters: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(parameters).filter((it): it is [string, string] => it[1] !== undefined && it[1] !== ""),
  ).toString();

/** Links to the first and the next page of a list. */
export const pages = (
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
  next: string | null,
  isFirst: boolean,
  { t }: PageContext,
): Markup =>
  html`<p class="pages">${!isFirst && html`<a href="${path}?${queryOf(parameters)}">${t.computers.firstPage}</a>`}${next !== null && html`<a rel="next" href="${path}?${queryOf({ ...parameters, cursor: next })}">${t.computers.nextPage}</a>`}</p>`;

/** Computers with their first license, their deadline and when they were seen last. */
export const computerTable = ({ items, next_cursor }: ComputerList, name: string, context: PageContext): Markup => {
  const { t } = context;
  if (items.length === 0) return html`<p>${next_cursor === null ? t.computers.noMatch : t.computers.noMatchSoFar}</p>`;
  return table(
    name,
    [t.computer, t.zone, t.computers.license, t.status, t.computers.deadline, t.computers.lastSeen],
    items.map((it) => {
      // The one whose deadline is the computer's, or else one that is in use.
      const license =
        it.licenses.find((one) => one.deadline !== undefined && one.deadline === it.deadline) ?? it.licenses[0];
      return row([
        html`<a href="/computers/${encodeURIComponent(it.computer)}">${it.computer}</a>`,
        it.zone,
        license ? html`${license.product} <small>${t.labels.channel[license.channel]}</small>` : t.computers.noReading,
        license ? t.labels.status[license.status] : "–",
        distance(it.deadline, context),
        distance(it.last_seen, context),
      ]);
    }),
  );
};
