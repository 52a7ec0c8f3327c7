import { html } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { timeZonesByRegion } from "../time-zone.ts";
import { instant } from "../times.ts";

/** Where a reader chooses the time zone of the pages. @param back the page to return to: a path of this collector. */
export const timeZonePage = (back: string, context: PageContext): string => {
  const { t, now, timeZone } = context;
  const option = (it: string) =>
    it === timeZone.name ? html`<option selected>${it}</option>` : html`<option>${it}</option>`;
  const content = html`<h1>${t.times.title}</h1><p>${t.times.intro}</p>
<form method="get" action="/time-zone"><input type="hidden" name="back" value="${back}">
<label>${t.times.zone}<select name="name">${[...timeZonesByRegion()].map(([region, zones]) =>
    region === "" ? zones.map(option) : html`<optgroup label="${region}">${zones.map(option)}</optgroup>`,
  )}</select></label>
<button type="submit">${t.times.save}</button></form>
<p>${t.times.current}: ${instant(now, context)}</p>`;
  return document(context, { title: t.times.title, content });
};
