import { reasonOf } from "../../../licensing/reasons.ts";
import type { ComputerItem, LicenseItem } from "../../summary/computer-item.ts";
import type { ComputerTimeline } from "../../summary/timeline/computer-timeline.ts";
import { html, type Markup, type Part } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { row, tableSection } from "../table.ts";
import { diagnosisSection, timelineSection } from "../timeline.ts";
import { distance, time } from "../times.ts";

/** One computer: its licenses with their deadlines, whom it asks, what is wrong with it, and what happened. */
export const computerPage = (it: ComputerItem, timeline: ComputerTimeline, context: PageContext): string => {
  const { t } = context;
  const asked = it.asked_kms_host;
  const facts: readonly (readonly [string, Part])[] = [
    [t.zone, it.zone],
    [t.computerPage.os, it.os ?? "–"],
    [t.computers.lastSeen, distance(it.last_seen, context)],
    [t.computerPage.agent, it.agent_version ?? t.computerPage.noAgent],
    [t.computers.deadline, distance(it.deadline, context)],
    [t.computerPage.renewed, distance(it.renewed_at, context)],
    [t.computerPage.overdue, distance(it.renewal_overdue_at, context)],
    [t.computerPage.rearms, it.rearms_left ?? "–"],
    [
      t.computerPage.asked,
      asked
        ? html`<a href="/kms-hosts/${encodeURIComponent(asked.name)}">${asked.name}</a> <small>${time(asked.at, context)}</small>`
        : "–",
    ],
  ];
  const content = html`<h1>${it.computer}</h1>
${diagnosisSection(timeline.diagnosis, context)}
<section><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>
${tableSection(
  t.computerPage.licenses,
  [t.product, t.channel, t.status, t.computers.deadline, t.computerPage.reason, t.computerPage.key],
  it.licenses.slice(0, LICENSES_MAX).map((license) => licenseRow(license, context)),
  { none: t.computerPage.noLicenses },
)}
${timelineSection(timeline.items, `/api/v1/computers/${encodeURIComponent(it.computer)}/timeline?lang=${context.language}`, context)}
<p class="dim"><a href="/api/v1/events?computer=${encodeURIComponent(it.computer)}">${t.computerPage.allEvents}</a></p>`;
  return document(context, { title: it.computer, content });
};

const LICENSES_MAX = 60;

const licenseRow = (it: LicenseItem, context: PageContext): Markup => {
  const { t } = context;
  return row(
    [
      html`${it.product} <small>${it.name}</small>`,
      t.labels.channel[it.channel],
      t.labels.status[it.status],
      html`${distance(it.deadline, context)}${it.deadline_kind && html` <small>${t.deadlineKinds[it.deadline_kind]}</small>`}`,
      cause(it.reason, t),
      it.partial_product_key ?? "–",
    ],
    it.status === "licensed" ? "safe" : it.status === "notification" ? "risk" : "watch",
  );
};

const isSuccess = (code: string): boolean => /^0x0+$/.test(code);

/** A code with its cause, where it has one. */
const cause = (code: string | undefined, t: PageContext["t"]): Part => {
  if (code === undefined || isSuccess(code)) return "–";
  const reason = reasonOf(code);
  return reason === "other"
    ? html`<code>${code}</code>`
    : html`${t.labels.reason[reason]} <small><code>${code}</code></small>`;
};
