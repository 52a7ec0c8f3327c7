import type { Instant } from "../../licensing/time.ts";
import { html, type Markup } from "./html.ts";
import type { PageContext } from "./layout.ts";
import type { Texts } from "./locales/texts.ts";
import { instant } from "./times.ts";

/** The requests that were refused for one cause since the collector started. */
export interface RefusedRequests {
  readonly cause: keyof Texts["refusals"];
  readonly requests: number;
  /** Of the last one: the sender's address, the time, and what the sender was told. */
  readonly address: string;
  readonly last: Instant;
  readonly detail: string;
}

/** Which requests the collector refused, and what helps; empty where there are none. */
export const refusedSection = (refused: readonly RefusedRequests[], context: PageContext): Markup => {
  const { t } = context;
  return refused.length === 0
    ? html``
    : html`<section class="refused"><h2>${t.refused.title}</h2>
<div class="scroll" role="region" tabindex="0" aria-label="${t.refused.title}"><table><thead><tr><th>${t.refused.cause}</th><th>${t.refused.requests}</th><th>${t.refused.sender}</th><th>${t.whatToDo}</th></tr></thead>
<tbody>${refused.map((it) => row(it, context))}</tbody></table></div>
<p class="dim">${t.sinceStart} · <a href="/api/v1/refusals">${t.refused.senders}</a></p></section>`;
};

const row = ({ cause, requests, address, last, detail }: RefusedRequests, context: PageContext): Markup => {
  const { t } = context;
  return html`<tr><th>${t.refusals[cause].cause}</th><td>${requests}</td><td>${address} <small>${instant(last, context)}</small></td><td>${t.refusals[cause].remedy} <small>${detail}</small></td></tr>`;
};
