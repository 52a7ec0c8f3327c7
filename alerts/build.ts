import { mkdirSync } from "node:fs";
import { stringify } from "yaml";
import { alertmanagerConfig, GROUPING, type Grouping, type Receivers } from "./alertmanager.ts";
import { type GeneratedFile, writeGenerated } from "./generated-file.ts";
import { en } from "./locales/en.ts";
import type { Words } from "./locales/texts.ts";
import { notificationTemplate } from "./notification-template.ts";
import { exampleConfig, teamsReceiver } from "./receivers.ts";
import { recordingRules } from "./recording.ts";
import type { Rule } from "./rule.ts";
import { ruleGroups } from "./rule-groups.ts";
import { runbook } from "./runbook.ts";
import { PACES, type Pace, promDuration, THRESHOLDS, type Thresholds } from "./thresholds.ts";

export interface BuildOptions {
  readonly words?: Words;
  readonly thresholds?: Partial<Thresholds>;
  readonly pace?: Pace;
  /** The page whose section `#alertname` explains each alert; without it the runbook that the collector serves. */
  readonly runbook?: string;
  /** Grafana's address. */
  readonly dashboards?: string;
}

const COLLECTOR = "127.0.0.1:9688";

const thresholdsOf = ({ pace = "production", thresholds }: BuildOptions): Thresholds => ({
  ...THRESHOLDS,
  ...PACES[pace],
  ...thresholds,
});

/** Prometheus' rule files as objects: recording rules, then the three groups of alerts. */
export const ruleFiles = (options: BuildOptions = {}): { recording: object; alerts: object } => {
  const thresholds = thresholdsOf(options);
  return {
    recording: { groups: [{ name: "activation-recording", rules: recordingRules(thresholds) }] },
    alerts: {
      groups: Object.entries(ruleGroups({ thresholds })).map(([name, rules]) => ({
        name,
        rules: rules.map((it) => alertRule(it, thresholds, options)),
      })),
    },
  };
};

const alertRule = (
  rule: Rule,
  thresholds: Thresholds,
  { words = en, runbook = `http://${COLLECTOR}/runbook`, dashboards }: BuildOptions,
): object => {
  const { summary, description } = words[rule.alert];
  const holds = rule.holds ? thresholds[rule.holds] : 0;
  return {
    alert: rule.alert,
    expr: rule.expr,
    ...(holds > 0 && { for: promDuration(holds) }),
    ...(rule.keep && thresholds.keeps_firing > 0 && { keep_firing_for: promDuration(thresholds.keeps_firing) }),
    labels: { severity: rule.severity },
    annotations: {
      summary,
      description,
      runbook_url: `${runbook}#${rule.alert.toLowerCase()}`,
      ...(dashboards && rule.dashboard && { dashboard_url: `${dashboards}/d/${rule.dashboard}` }),
    },
  };
};

export interface Targets extends Partial<Receivers> {
  /** `host:port` of each collector, for the scrape configuration; the first one serves the runbook. */
  readonly collectors?: readonly string[];
  readonly alertmanager?: string;
  /** `none`: Alertmanager shows alerts and sends none; `webhooks`, the default, is an example to edit. */
  readonly receivers?: "webhooks" | "none";
  readonly interval?: string;
  readonly grouping?: Grouping;
}

/**
 * Writes everything that Prometheus and Alertmanager need, and the runbook. A file that a person has edited stays; the new
 * one is written beside it.
 */
export const buildAlerts = (out: string, options: BuildOptions = {}, targets: Targets = {}): GeneratedFile[] => {
  const { interval = "15s", collectors = [COLLECTOR], alertmanager = "127.0.0.1:9093" } = targets;
  const { recording, alerts } = ruleFiles({ runbook: `http://${collectors[0] ?? COLLECTOR}/runbook`, ...options });
  const files: Record<string, object> = {
    "activation-recording.rules.yaml": recording,
    "activation-alerts.rules.yaml": alerts,
    "prometheus.yaml": {
      global: { scrape_interval: interval, evaluation_interval: interval },
      rule_files: ["activation-*.rules.yaml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      scrape_configs: [{ job_name: "activation-monitor", static_configs: [{ targets: collectors }] }],
    },
    "alertmanager.yaml": alertmanagerConfig(
      targets.receivers === "none"
        ? undefined
        : {
            pageUrl: targets.pageUrl ?? "http://127.0.0.1:9099/page",
            notifyUrl: targets.notifyUrl ?? "http://127.0.0.1:9099/notify",
          },
      targets.grouping ?? GROUPING,
    ),
  };
  mkdirSync(out, { recursive: true });
  return [
    ...Object.entries(files).map(([name, content]) =>
      writeGenerated(out, name, stringify(content, { lineWidth: 0 }), YAML_COMMENT),
    ),
    ...Object.entries({ "alertmanager-example.yaml": exampleConfig(), "alertmanager-teams.yaml": teamsReceiver() }).map(
      ([name, content]) => writeGenerated(out, name, stringify(content, { lineWidth: 0 }), YAML_COMMENT),
    ),
    writeGenerated(out, "activation.tmpl", notificationTemplate((options.words ?? en).notification), TEMPLATE_COMMENT),
    writeGenerated(out, "runbook.md", runbook(options.words, thresholdsOf(options)), MARKDOWN_COMMENT),
  ];
};

const YAML_COMMENT = (text: string): string => `# ${text}`;
const TEMPLATE_COMMENT = (text: string): string => `{{/* ${text} */}}`;
const MARKDOWN_COMMENT = (text: string): string => `<!-- ${text} -->`;
