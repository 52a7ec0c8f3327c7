import type { KmsHostItem } from "../summary/kms/kms-host-item.ts";
import { html, type Markup } from "./html.ts";
import type { PageContext } from "./layout.ts";
import type { AlertState } from "./locales/page-texts.ts";
import { row, tableSection } from "./table.ts";
import { distance } from "./times.ts";

/** An alert of a KMS host, as Alertmanager has it. */
export interface FiringAlert {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  readonly since: string;
  readonly state: AlertState;
}

/** What is known of the alerts of a KMS host: `asked` is false where no Alertmanager is configured. */
export type AlertsAnswer =
  | { readonly asked: false }
  | { readonly asked: true; readonly alerts?: readonly FiringAlert[] | undefined };

/** The alerts of a KMS host with their runbook: those that fire, else those whose conditions hold. */
export const hostAlerts = (items: readonly KmsHostItem[], answer: AlertsAnswer, context: PageContext): Markup => {
  const { t } = context;
  if (answer.asked && answer.alerts)
    return tableSection(
      t.alerts.title,
      [t.alerts.alert, t.status, t.alerts.since, t.alerts.summary],
      answer.alerts.map((it) =>
        row([runbookLink(it.name), t.alerts.states[it.state], distance(it.since, context), it.summary], levelOf(it)),
      ),
      { none: t.alerts.noneFiring },
    );
  const names = [...new Set(items.flatMap((it) => it.alerts))];
  return html`<section><h2>${t.alerts.title}</h2>${names.length === 0 ? html`<p>${t.alerts.none}</p>` : html`<ul>${names.map((it) => html`<li>${runbookLink(it)}</li>`)}</ul>`}
<p class="dim">${answer.asked ? t.alerts.notAnswering : t.alerts.byConditions}</p></section>`;
};

const levelOf = ({ severity, state }: FiringAlert): string =>
  state !== "firing" ? "" : severity === "critical" ? "risk" : severity === "warning" ? "watch" : "";

const runbookLink = (alert: string): Markup => html`<a href="/runbook/${encodeURIComponent(alert)}">${alert}</a>`;
