import { type Instant, MINUTE, utcMinute } from "../../licensing/time.ts";
import { html, type Markup } from "./html.ts";
import type { PageContext } from "./layout.ts";
import type { Texts } from "./locales/texts.ts";

/** An instant in the reader's time zone; UTC is in the tooltip and in `datetime`. */
export const instant = (at: Instant, { timeZone }: Pick<PageContext, "timeZone">): Markup =>
  html`<time datetime="${new Date(at).toISOString()}" title="${utcMinute(at)}">${timeZone.minute(at)}</time>`;

/** As `instant`, of an answer's ISO time; a dash where there is none. */
export const time = (at: string | undefined, context: Pick<PageContext, "timeZone">): Markup =>
  at === undefined ? html`–` : instant(Date.parse(at), context);

/** How far away an instant is, with the instant: `in 12 days`, `3 hours ago`. */
export const distance = (at: string | undefined, context: PageContext): Markup => {
  if (at === undefined) return html`–`;
  const { t, now } = context;
  const ms = Date.parse(at) - now;
  const words = span(Math.abs(ms), t);
  return html`${ms >= 0 ? t.in(words) : t.ago(words)} <small>${time(at, context)}</small>`;
};

/** Whole minutes below two hours, hours below two days, then days. */
export const span = (ms: number, t: Texts): string => {
  const minutes = Math.max(1, Math.round(ms / MINUTE));
  if (minutes < 120) return t.minutes(minutes);
  return minutes < 48 * 60 ? t.hours(Math.round(minutes / 60)) : t.days(Math.round(minutes / 1_440));
};
