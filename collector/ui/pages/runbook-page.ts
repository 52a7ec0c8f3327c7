import { html, type Markup } from "../html.ts";
import { document, messagePage, type PageContext } from "../layout.ts";
import type { Language } from "../locales/languages.ts";
import { en } from "../runbook/en.ts";
import { ja } from "../runbook/ja.ts";
import type { RunbookTexts } from "../runbook-texts.ts";

const RUNBOOKS: Readonly<Record<Language, RunbookTexts>> = { en, ja };
type Section = RunbookTexts["sections"][number];

/** Every alert in one page. Its anchor is the alert's name in lower case, as `runbook_url` of the rules has it. */
export const runbookPage = (context: PageContext): string => {
  const book = RUNBOOKS[context.language];
  const { t } = context;
  const content = html`<h1>${book.title}</h1><p>${book.intro}</p><p class="dim">${t.runbook.defaults}</p>
<ul class="index">${book.sections.map(({ alert }) => html`<li><a href="#${alert.toLowerCase()}">${alert}</a></li>`)}</ul>
${book.sections.map((it) => section(it, html`<h2><a href="/runbook/${it.alert}">${it.alert}</a></h2>`))}
<section id="thresholds"><h2>${book.thresholds}</h2><p>${inline(book.thresholdsIntro)}</p>
<dl>${book.thresholdList.map((it) => html`<dt><code>${it.name}</code> ${it.value}</dt><dd>${inline(it.why)}</dd>`)}</dl></section>`;
  return document(context, { title: book.title, current: "runbook", content });
};

/** One alert; undefined where there is none of this name, whatever its case. */
export const runbookAlertPage = (context: PageContext, name: string): string | undefined => {
  const book = RUNBOOKS[context.language];
  const found = book.sections.find((it) => it.alert.toLowerCase() === name.toLowerCase());
  if (!found) return undefined;
  const content = html`<p><a href="/runbook">${book.title}</a></p><h1>${found.alert}</h1><p>${book.intro}</p>${section(found)}`;
  return document(context, { title: found.alert, current: "runbook", content });
};

/** For an alert that the runbook does not know. */
export const noAlertPage = (context: PageContext): string =>
  messagePage(context, context.t.notFound, context.t.runbook.noAlert);

const section = ({ alert, paragraphs }: Section, heading?: Markup): Markup =>
  html`<section id="${alert.toLowerCase()}">${heading}${paragraphs.map(([label, text]) => html`<p><b>${label}</b> ${inline(text)}</p>`)}</section>`;

/** Text with commands in backticks; a page of this collector in backticks becomes a link. */
const inline = (text: string): Markup[] =>
  text.split("`").map((part, i) => {
    if (i % 2 === 0) return html`${part}`;
    return /^\/[a-z-]*$/.test(part) ? html`<a href="${part}">${part}</a>` : html`<code>${part}</code>`;
  });
