import { html } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { type ComputerList, computerTable, pages } from "./computers-page.ts";

/** How far the page can look ahead, in days. */
export const DEADLINE_DAYS = [1, 7, 14, 30, 60, 180] as const;
export type DeadlineDays = (typeof DEADLINE_DAYS)[number];

/** Which licenses run out when: those that have passed first, then the soonest. */
export const deadlinesPage = (
  list: ComputerList,
  { days, isFirst }: { days: DeadlineDays; isFirst: boolean },
  context: PageContext,
): string => {
  const { t } = context;
  const content = html`<h1>${t.menu.deadlines}</h1><p>${t.deadlines.intro}</p>
<p class="pages">${DEADLINE_DAYS.map((it) =>
    it === days
      ? html`<b aria-current="true">${t.days(it)}</b>`
      : html`<a href="/deadlines?days=${it}">${t.days(it)}</a>`,
  )}</p>
${list.items.length === 0 && list.next_cursor === null ? html`<p>${t.deadlines.none(days)}</p>` : computerTable(list, t.menu.deadlines, context)}
${pages("/deadlines", { days: String(days) }, list.next_cursor, isFirst, context)}`;
  return document(context, { title: t.menu.deadlines, current: "deadlines", content });
};
