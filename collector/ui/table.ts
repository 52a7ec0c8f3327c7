import { html, type Markup, type Part } from "./html.ts";

/** A table with a name for screen readers. A narrow screen scrolls it sideways, by keyboard too. */
export const table = (name: string, head: readonly string[], rows: readonly Markup[]): Markup =>
  html`<div class="scroll" role="region" tabindex="0" aria-label="${name}"><table><thead><tr>${head.map((it) => html`<th scope="col">${it}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;

/** A row; the first cell is its heading. */
export const row = ([first, ...others]: readonly Part[], state?: string): Markup =>
  html`<tr class="${state ?? ""}"><th scope="row">${first}</th>${others.map((it) => html`<td>${it}</td>`)}</tr>`;

/** A titled part of a page with a table, or with a sentence where there are no rows. */
export const tableSection = (
  title: string,
  head: readonly string[],
  rows: readonly Markup[],
  { none, note }: { none: string; note?: Part },
): Markup =>
  html`<section><h2>${title}</h2>${rows.length === 0 ? html`<p>${none}</p>` : table(title, head, rows)}${note !== undefined && html`<p class="dim">${note}</p>`}</section>`;
