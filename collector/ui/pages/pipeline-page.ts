import { RECORD_OUTCOMES } from "../../../licensing/telemetry/label-values.ts";
import type { CollectorItem } from "../../summary/collector-item.ts";
import type { PipelineAnswer } from "../../summary/pipeline.ts";
import { html } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { type RefusedRequests, refusedSection } from "../refused-requests.ts";
import { row, tableSection } from "../table.ts";
import { distance, time } from "../times.ts";

const ZONES_MAX = 100;

/** How well data arrives: silent agents, refused senders, records by outcome, what could not be interpreted. */
export const pipelinePage = (
  it: PipelineAnswer,
  { refused, collector }: { refused: readonly RefusedRequests[]; collector: CollectorItem },
  context: PageContext,
): string => {
  const { t } = context;
  const silent = it.zones.reduce((sum, zone) => sum + zone.silent, 0);
  const content = html`<h1>${t.menu.pipeline}</h1>
${collector.findings.map((one) => html`<p class="warning">${one}</p>`)}
${refusedSection(refused, context)}
${tableSection(
  t.pipeline.agents,
  [
    t.zone,
    t.labels.computer.reporting,
    t.labels.computer.stale,
    t.labels.computer.retired,
    t.pipeline.spooled,
    t.pipeline.gaps,
  ],
  it.zones
    .slice(0, ZONES_MAX)
    .map((zone) =>
      row(
        [zone.zone, zone.reporting, zone.silent, zone.retired, zone.spooled, zone.gaps],
        zone.silent > 0 || zone.gaps > 0 ? "watch" : undefined,
      ),
    ),
  { none: t.pipeline.noAgents },
)}
${tableSection(
  t.pipeline.silent,
  [t.computer, t.zone, t.computers.lastSeen],
  it.silent.map((one) =>
    row([
      html`<a href="/computers/${encodeURIComponent(one.computer)}">${one.computer}</a>`,
      one.zone,
      distance(one.last_seen, context),
    ]),
  ),
  { none: t.pipeline.noneSilent, note: silent > it.silent.length ? t.more(silent - it.silent.length) : undefined },
)}
${tableSection(
  t.pipeline.failing,
  [t.zone, t.pipeline.source, t.pipeline.agentCount],
  it.failing.map((one) => row([one.zone, one.source, one.agents])),
  { none: t.pipeline.noneFailing },
)}
${tableSection(
  t.pipeline.records,
  [t.pipeline.kind, ...RECORD_OUTCOMES.map((outcome) => t.labels.recordOutcome[outcome])],
  it.records.map((one) => row([t.labels.record[one.kind], ...RECORD_OUTCOMES.map((outcome) => one[outcome])])),
  { none: t.none, note: t.sinceStart },
)}
${tableSection(
  t.pipeline.uninterpreted,
  [t.pipeline.received, t.computer, t.computerPage.reason, t.pipeline.record],
  it.uninterpreted.map((one) =>
    row([time(one.received_at, context), one.host, one.reason, html`<code>${one.record}</code>`]),
  ),
  { none: t.pipeline.noneUninterpreted },
)}
${tableSection(
  t.pipeline.limits,
  [t.pipeline.limit, t.pipeline.used, t.pipeline.allowed],
  collector.limits.map((one) =>
    row([t.labels.limit[one.limit], one.used, one.allowed], one.reached ? "watch" : undefined),
  ),
  { none: t.none },
)}`;
  return document(context, { title: t.menu.pipeline, current: "pipeline", content });
};
