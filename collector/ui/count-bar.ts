import type { KmsHostItem } from "../summary/kms/kms-host-item.ts";
import { html, type Markup } from "./html.ts";
import type { Texts } from "./locales/texts.ts";

const [WIDTH, BAR_TOP, BAR_HEIGHT] = [600, 18, 18];

/** A count as a bar, with a mark at each threshold; nothing where neither is known. */
export const countBar = (it: KmsHostItem, level: string, t: Texts): Markup => {
  const thresholds = Object.values(it.thresholds);
  const count = it.effective_clients;
  if (thresholds.length === 0 || count === undefined) return html``;
  const required = [...new Set(thresholds.map((threshold) => threshold.required))].sort((a, b) => a - b);
  const scale = WIDTH / Math.max(count * 1.1, required.at(-1)! * 1.6);
  const width = Math.round(count * scale);
  const label = t.kmsHost.barLabel(t.labels.application[it.application], count, required);
  // The number stands in the bar's free part, or left of its end where none is free.
  const isLong = width > WIDTH * 0.85;
  return html`<svg class="${level}" viewBox="0 0 ${WIDTH} 56" role="img" aria-label="${label}">
<rect class="track" y="${BAR_TOP}" width="${WIDTH}" height="${BAR_HEIGHT}" rx="3"/><rect class="fill" y="${BAR_TOP}" width="${width}" height="${BAR_HEIGHT}" rx="3"/>
<text x="${isLong ? width : 0}" y="12" text-anchor="${isLong ? "end" : "start"}">${t.labels.application[it.application]}: ${count}</text>
${required.map((at) => mark(Math.round(at * scale), at))}</svg>`;
};

const mark = (x: number, required: number): Markup =>
  html`<line class="mark" x1="${x}" x2="${x}" y1="${BAR_TOP}" y2="${BAR_TOP + BAR_HEIGHT + 3}"/><text x="${x}" y="54" text-anchor="middle">${required}</text>`;
