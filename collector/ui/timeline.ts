import type { DiagnosisItem, TimelineItem } from "../summary/timeline/timeline-item.ts";
import { html, type Markup } from "./html.ts";
import type { PageContext } from "./layout.ts";
import type { Level } from "./levels.ts";
import { row, tableSection } from "./table.ts";
import { time } from "./times.ts";

/** With so many lines a page stays under 100 KB; the JSON has all. */
const LINES_MAX = 60;

const LEVEL: Readonly<Record<DiagnosisItem["state"], Level>> = {
  ok: "safe",
  attention: "watch",
  problem: "risk",
  unknown: "unknown",
};
const OUTCOME: Readonly<Record<TimelineItem["outcome"], Level | undefined>> = {
  success: "safe",
  failure: "watch",
  info: undefined,
};

/** What is wrong, since when, whose fault it is and what to do: one paragraph. */
export const diagnosisSection = ({ state, text, link, hresult }: DiagnosisItem, { t }: PageContext): Markup =>
  html`<section class="${LEVEL[state]}"><h2>${t.timeline.diagnosis}</h2><p class="finding">${text}${link !== undefined && html` <a href="${link}" rel="noreferrer">${hresult ?? link}</a>`}</p></section>`;

/** What happened, from both sides, the newest first. @param json where all lines are */
export const timelineSection = (items: readonly TimelineItem[], json: string, context: PageContext): Markup => {
  const { t } = context;
  return tableSection(
    t.timeline.title,
    [t.timeline.time, t.timeline.side, t.timeline.what, t.timeline.meaning],
    items.slice(0, LINES_MAX).map((it) => line(it, context)),
    { none: t.timeline.none, note: html`<a href="${json}">${t.timeline.json}</a>` },
  );
};

const line = (it: TimelineItem, context: PageContext): Markup => {
  const { t } = context;
  const what = it.event === undefined ? t.timeline.changes[it.change!] : t.events[it.event];
  const details = [
    it.hresult,
    it.peer,
    it.product,
    it.status && t.labels.status[it.status],
    it.deadline && `${t.computers.deadline}: ${it.deadline.slice(0, 16).replace("T", " ")} UTC`,
    it.kms_count === undefined ? undefined : t.timeline.kmsCount(it.kms_count),
    it.details,
  ].filter((part) => part !== undefined);
  return row(
    [
      html`${time(it.at, context)}${it.until !== undefined && html` – ${time(it.until, context)}`}${it.count > 1 && html` <small>${t.timeline.times(it.count)}</small>`}`,
      html`${t.timeline.sources[it.source]} <small>${it.observer}</small>`,
      html`${it.event === "other" ? "" : what} <small>${it.event_id ?? ""}</small> ${details.join(" · ")}`,
      it.meaning,
    ],
    OUTCOME[it.outcome],
  );
};
