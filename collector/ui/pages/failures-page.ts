import { ATTEMPT_OUTCOMES } from "../../../licensing/telemetry/label-values.ts";
import type { FailuresAnswer } from "../../summary/failures.ts";
import { html } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { row, tableSection } from "../table.ts";

const ZONES_MAX = 8;

/** Why activations failed, in words, with what to do. */
export const failuresPage = ({ causes, outcomes }: FailuresAnswer, context: PageContext): string => {
  const { t } = context;
  const content = html`<h1>${t.menu.failures}</h1><p>${t.failures.intro}</p>
${tableSection(
  t.failures.byCause,
  [t.failures.cause, t.failures.attempts, t.failures.zones, t.whatToDo],
  causes.map(({ cause, attempts, zones }) =>
    row([
      t.labels.reason[cause],
      attempts,
      zones
        .slice(0, ZONES_MAX)
        .map((it) => `${it.zone}: ${it.attempts}`)
        .join(", "),
      t.remedies[cause],
    ]),
  ),
  { none: t.failures.none },
)}
${tableSection(
  t.failures.byOutcome,
  [t.zone, ...ATTEMPT_OUTCOMES.map((it) => t.labels.attempt[it])],
  outcomes.slice(0, 100).map((it) => row([it.zone, ...ATTEMPT_OUTCOMES.map((outcome) => it[outcome])])),
  { none: t.failures.noAttempts },
)}
<p><a href="/computers?status=notification">${t.failures.inNotification}</a></p>`;
  return document(context, { title: t.menu.failures, current: "failures", content });
};
