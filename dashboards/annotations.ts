import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import type { AnnotationName, DashboardName, Words } from "./locales/texts.ts";
import { DATASOURCE } from "./panels.ts";
import * as Q from "./queries.ts";

interface Annotation {
  readonly name: AnnotationName;
  readonly expr: string;
  readonly colour: string;
  readonly text: string;
}

const CRITICAL: Annotation = {
  name: "critical",
  expr: Q.criticalAlerts(),
  colour: "red",
  text: "{{alertname}} {{kms_host}} {{product_class}} {{zone}}",
};
const OF_HOSTS: readonly Annotation[] = [
  { name: "keys", expr: Q.keyChanges(), colour: "blue", text: "{{kms_host}} {{partial_product_key}}" },
  { name: "tables", expr: Q.lostTables(), colour: "purple", text: "{{kms_host}} {{application}}" },
  { name: "dns", expr: Q.dnsFailures(), colour: "orange", text: "{{kms_host}} {{domain}}" },
];
const RESTARTS: Annotation = { name: "restarts", expr: Q.restarts(), colour: "blue", text: "{{instance}}" };

const MORE: Readonly<Partial<Record<DashboardName, readonly Annotation[]>>> = {
  kms: OF_HOSTS,
  failures: OF_HOSTS,
  keys: OF_HOSTS.filter((it) => it.name === "keys"),
  pipeline: [RESTARTS],
};

/** What happened, as marks on the time axis: critical alerts everywhere, and what explains the lines of a dashboard. */
export const annotations = (dashboard: DashboardName, words: Words): AnnotationQueryBuilder[] =>
  [CRITICAL, ...(MORE[dashboard] ?? [])].map((it) =>
    new AnnotationQueryBuilder()
      .name(words.annotations[it.name])
      .datasource(DATASOURCE)
      .enable(true)
      // One switch is enough for the line of variables at 1280 pixels.
      .hide(it !== CRITICAL)
      .iconColor(it.colour)
      .expr(it.expr)
      .titleFormat(words.annotations[it.name])
      .textFormat(it.text)
      .step("60s"),
  );
