import { HEALTH } from "../../licensing/kms/health.ts";
import { SECOND } from "../../licensing/time.ts";
import type { FleetOverview } from "../summary/fleet-overview.ts";
import { html, type Markup, type Part } from "./html.ts";
import type { PageContext } from "./layout.ts";
import { span } from "./times.ts";

/** Computers, licenses and agents in a few numbers, each with the page that has the names. */
export const fleetSummary = (it: FleetOverview, { t }: PageContext): Markup => {
  const { computers, licenses, deadlines, agents } = it;
  const s = t.summary;
  const known = computers.reporting + computers.silent;
  const backlog = agents.oldestUnsentSeconds * SECOND;
  return html`<div class="tiles">
${tile(t.menu.computers, "/computers", known === 0 && s.noComputer, [
  [t.labels.computer.reporting, computers.reporting],
  [t.labels.computer.stale, computers.silent, isMany(computers.silent, known, HEALTH.staleShare)],
  [s.overdue, it.overdue, isMany(it.overdue, known, HEALTH.overdueShare)],
  [t.labels.computer.retired, computers.retired],
])}
${tile(s.licenses, "/deadlines", licenses.length === 0 && s.noLicense, [
  ...licenses.map(
    ({ status, licenses: count }): Line => [
      t.labels.status[status],
      count,
      status === "notification" || status === "unlicensed" ? "risk" : undefined,
    ],
  ),
  [s.within(7), deadlines.within7Days, deadlines.within7Days > 0 ? "watch" : undefined],
  [s.within(30), deadlines.within30Days],
  [s.passed, deadlines.passed, deadlines.passed > 0 ? "watch" : undefined],
])}
${tile(s.agents, "/pipeline", known === 0 && s.noComputer, [
  [t.pipeline.spooled, agents.undelivered],
  [s.oldestUnsent, backlog === 0 ? "–" : span(backlog, t), backlog > HEALTH.backlog ? "watch" : undefined],
  [t.pipeline.gaps, agents.gaps, agents.gaps > 0 ? "watch" : undefined],
  [t.pipeline.failing, agents.failingSources, agents.failingSources > 0 ? "watch" : undefined],
])}</div>`;
};

type Line = readonly [name: string, value: Part, level?: string | undefined];

const tile = (title: string, path: string, nothing: string | false, lines: readonly Line[]): Markup =>
  html`<section><h2><a href="${path}">${title}</a></h2>${
    nothing
      ? html`<p>${nothing}</p>`
      : html`<dl class="numbers">${lines.map(([name, value, level]) => html`<dt>${name}</dt><dd class="${level ?? ""}${level ? " state" : ""}">${value}</dd>`)}</dl>`
  }</section>`;

const isMany = (count: number, of: number, share: number): string | undefined =>
  of > 0 && count / of > share ? "watch" : undefined;
