import { html, type Markup } from "./html.ts";
import { LANGUAGES, type Language, TEXTS } from "./locales/languages.ts";
import type { Texts } from "./locales/texts.ts";
import { STYLE } from "./style.ts";
import { type TimeZone, UTC } from "./time-zone.ts";

/** What every page needs to know of its request and of the collector. */
export interface PageContext {
  readonly language: Language;
  readonly t: Texts;
  /** Path and query of this page, for the language switch. */
  readonly url: string;
  readonly version: string;
  readonly now: number;
  /** Grafana's address, where one is configured. */
  readonly grafana?: string | undefined;
  /** In which the reader sees times. */
  readonly timeZone: TimeZone;
}

/** A page of this collector, or undefined where the menu does not list it. */
export type MenuItem = keyof Texts["menu"];
const PATHS: Readonly<Record<MenuItem, string>> = {
  overview: "/",
  computers: "/computers",
  deadlines: "/deadlines",
  failures: "/failures",
  worksheet: "/worksheet",
  pipeline: "/pipeline",
  runbook: "/runbook",
};

/** A whole page: header with menu and language switch, the content, the footer. It needs no script. */
export const document = (
  context: PageContext,
  { title, current, content }: { title: string; current?: MenuItem; content: Markup },
): string => {
  const { language, t, url, version, grafana } = context;
  return html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · activation-monitor</title><style>${STYLE}</style></head><body>
<a class="skip" href="#content">${t.skipToContent}</a>
<header><p class="name"><a href="/">activation-monitor</a></p>
<nav aria-label="${t.menuLabel}">${menu(t, current)}</nav>
<p class="language">${LANGUAGES.map((it) => languageLink(it, language, url))}</p></header>
<main id="content">${content}</main>
<footer>${timesNote(context)}<p><a href="/connect">${t.connect.title}</a> · <a href="/privacy">${t.privacy.title}</a>${grafana !== undefined && html` · <a href="${grafana}/d/activation-fleet">${t.openDashboard}</a>`}</p><p>${version} · <a href="/metrics">${t.metrics}</a> · ${API.map((it, i) => html`${i > 0 && " · "}<a href="/api/v1/${it}">/api/v1/${it}</a>`)}</p></footer>
</body></html>
`.toString();
};

const timesNote = ({ t, url, timeZone }: PageContext): Markup => {
  const query = (parameters: Record<string, string>): string => String(new URLSearchParams(parameters));
  return html`<p>${t.times.shownIn} ${timeZone.name} · <a href="/time-zone?${query({ back: url })}">${t.times.change}</a>${timeZone !== UTC && html` · <a href="/time-zone?${query({ name: UTC.name, back: url })}">${t.times.showUtc}</a>`}</p>`;
};

const API = ["kms-hosts", "computers", "events", "probes", "worksheet", "recommendations", "refusals", "collector"];

const menu = (t: Texts, current: MenuItem | undefined): Markup[] =>
  (Object.keys(PATHS) as MenuItem[]).map((it) =>
    it === current
      ? html`<a href="${PATHS[it]}" aria-current="page">${t.menu[it]}</a>`
      : html`<a href="${PATHS[it]}">${t.menu[it]}</a>`,
  );

const languageLink = (it: Language, current: Language, url: string): Markup => {
  const { languageName } = TEXTS[it];
  if (it === current) return html`<span lang="${it}">${languageName}</span>`;
  return html`<a lang="${it}" hreflang="${it}" href="${withLanguage(url, it)}">${languageName}</a>`;
};

const withLanguage = (url: string, language: Language): string => {
  const [path = "/", query = ""] = url.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("lang", language);
  return `${path}?${parameters}`;
};

/** A page that says one thing: no such computer, not ready yet. */
export const messagePage = (context: PageContext, title: string, text: string): string =>
  document(context, { title, content: html`<h1>${title}</h1><p>${text}</p>` });
