import { DAY, type Instant } from "../../licensing/time.ts";
import { html, type Markup } from "./html.ts";
import type { Texts } from "./locales/texts.ts";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [600, 180, 34, 24, 10];
/** A client leaves the table 30 days after its last request. */
const DAYS = 30;

/**
 * How many of the clients in the table are left on each of the next 30 days if none of them renews.
 *
 * @param leavesAt when each client in the table leaves it. @param required thresholds, ascending.
 */
export const forecastChart = (
  leavesAt: readonly Instant[],
  required: readonly number[],
  now: Instant,
  t: Texts,
): Markup => {
  if (leavesAt.length === 0) return html``;
  const most = Math.max(leavesAt.length, ...required) * 1.1;
  const x = (days: number): number => Math.round(LEFT + (days / DAYS) * (WIDTH - LEFT - 8));
  const y = (count: number): number => Math.round(HEIGHT - BOTTOM - (count / most) * (HEIGHT - BOTTOM - TOP));
  const days = leavesAt.map((at) => Math.min(DAYS, Math.max(0, (at - now) / DAY))).sort((a, b) => a - b);
  const steps = days.map((day, i) => `H${x(day)}V${y(leavesAt.length - i - 1)}`).join("");
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${t.kmsHost.forecastLabel(leavesAt.length, required)}">
<line class="axis" x1="${LEFT}" x2="${WIDTH - 8}" y1="${y(0)}" y2="${y(0)}"/>
${required.map((it) => html`<line class="mark" x1="${LEFT}" x2="${WIDTH - 8}" y1="${y(it)}" y2="${y(it)}"/><text x="${LEFT - 4}" y="${y(it) + 4}" text-anchor="end">${it}</text>`)}
<path class="curve" d="M${x(0)} ${y(leavesAt.length)}${steps}"/>
${[0, 10, 20, 30].map((it) => html`<text x="${x(it)}" y="${HEIGHT - 6}" text-anchor="${it === DAYS ? "end" : it === 0 ? "start" : "middle"}">${it === 0 ? t.kmsHost.today : t.kmsHost.inDays(it)}</text>`)}</svg>`;
};
