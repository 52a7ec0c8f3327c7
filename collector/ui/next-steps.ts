import { HEALTH, HEALTH_STATES } from "../../licensing/kms/health.ts";
import type { FleetOverview } from "../summary/fleet-overview.ts";
import type { KmsHostItem } from "../summary/kms/kms-host-item.ts";
import { html, type Markup, type Part } from "./html.ts";
import type { PageContext } from "./layout.ts";
import { LEVELS, type Level } from "./levels.ts";
import type { RefusedRequests } from "./refused-requests.ts";

/** One thing to do: what is wrong, and the page that says more. */
interface Step {
  readonly level: Level;
  readonly text: Part;
}

const HOST_STEPS_MAX = 5;

/** What to do next, the most urgent first: KMS hosts, then licenses, then what keeps data from arriving. */
export const nextSteps = (
  items: readonly KmsHostItem[],
  fleet: FleetOverview,
  refused: readonly RefusedRequests[],
  context: PageContext,
): Markup => {
  const { t } = context;
  const steps = [...ofHosts(items, context), ...ofFleet(fleet, context), ...ofPipeline(fleet, refused, context)];
  return html`<section><h2>${t.steps.title}</h2>${
    steps.length === 0
      ? html`<p>${t.steps.none}</p>`
      : html`<ul class="steps">${steps.map((it) => html`<li class="finding ${it.level}">${it.text}</li>`)}</ul>`
  }</section>`;
};

/** The worst reason of each KMS host that needs one; the first alert's runbook says what to do. */
const ofHosts = (items: readonly KmsHostItem[], { t }: PageContext): Step[] => {
  const worst = [...Map.groupBy(items, (it) => it.kms_host).values()].map(
    (its) => its.toSorted((a, b) => HEALTH_STATES.indexOf(a.health) - HEALTH_STATES.indexOf(b.health))[0]!,
  );
  const wrong = worst
    .filter((it) => it.health !== "safe" && it.health !== "maintenance")
    .sort((a, b) => HEALTH_STATES.indexOf(a.health) - HEALTH_STATES.indexOf(b.health));
  const steps = wrong.slice(0, HOST_STEPS_MAX).map((it): Step => {
    const [alert] = it.alerts;
    return {
      level: LEVELS[it.health],
      text: html`<a href="/kms-hosts/${encodeURIComponent(it.kms_host)}">${it.kms_host}</a> ${it.reasons[0]}${alert && html` <a href="/runbook/${alert}">${t.steps.runbook(alert)}</a>`}`,
    };
  });
  const more = wrong.length - steps.length;
  return more > 0 ? [...steps, { level: LEVELS[wrong[HOST_STEPS_MAX]!.health], text: t.more(more) }] : steps;
};

const ofFleet = ({ licenses, deadlines, computers, overdue }: FleetOverview, { t }: PageContext): Step[] => {
  const count = (status: string) => licenses.find((it) => it.status === status)?.licenses ?? 0;
  const known = computers.reporting + computers.silent;
  return present([
    count("notification") > 0 && {
      level: "risk",
      text: linked("/computers?status=notification", t.steps.notification(count("notification"))),
    },
    count("non_genuine_grace") > 0 && {
      level: "watch",
      text: linked("/computers?status=non_genuine_grace", t.steps.nonGenuine(count("non_genuine_grace"))),
    },
    deadlines.within7Days > 0 && {
      level: "watch",
      text: linked("/deadlines?days=7", t.steps.deadlines(deadlines.within7Days)),
    },
    known > 0 &&
      overdue / known > HEALTH.overdueShare && {
        level: "watch",
        text: linked("/failures", t.steps.overdue(overdue)),
      },
  ]);
};

const ofPipeline = (
  { computers, agents }: FleetOverview,
  refused: readonly RefusedRequests[],
  { t }: PageContext,
): Step[] => {
  const requests = refused.reduce((sum, it) => sum + it.requests, 0);
  const known = computers.reporting + computers.silent;
  return present([
    requests > 0 && { level: "watch", text: linked("/pipeline", t.steps.refused(requests)) },
    known > 0 &&
      computers.silent / known > HEALTH.staleShare && {
        level: "unknown",
        text: linked("/pipeline", t.steps.silent(computers.silent)),
      },
    agents.failingSources > 0 && { level: "watch", text: linked("/pipeline", t.steps.failing(agents.failingSources)) },
  ]);
};

const linked = (path: string, sentence: string): Markup => html`<a href="${path}">${sentence}</a>`;
const present = (steps: readonly (Step | false)[]): Step[] => steps.filter((it) => it !== false);
