import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { SECOND } from "../licensing/time.ts";
import { alertmanagerConfig, GROUPING, type Grouping, type Receivers } from "./alertmanager.ts";
import { kmsRules } from "./kms.ts";
import { licenseRules, makRules } from "./license.ts";
import { en } from "./locales/en.ts";
import type { Words } from "./locales/texts.ts";
import { pipelineRules } from "./pipeline.ts";
import { recordingRules } from "./recording.ts";
import type { Rule, Settings } from "./rule.ts";
import { runbook } from "./runbook.ts";
import { PACES, type Pace, THRESHOLDS, type Thresholds } from "./thresholds.ts";

export interface BuildOptions {
  readonly words?: Words;
  readonly thresholds?: Partial<Thresholds>;
  readonly pace?: Pace;
  /** Each alert's section is `#alertname` below it. */
  readonly runbook?: string;
  readonly dashboards?: string;
}

const RUNBOOK = "https://activation-monitor.example/runbook";

/** Prometheus' rule files as objects: recording rules, then the three groups of alerts. */
export const ruleFiles = (options: BuildOptions = {}): { recording: object; alerts: object } => {
  const settings: Settings = {
    thresholds: { ...THRESHOLDS, ...options.thresholds },
    pace: PACES[options.pace ?? "production"],
  };
  const group = (name: string, rules: readonly Rule[]) => ({
    name,
    rules: rules.map((it) => alertRule(it, settings, options)),
  });
  return {
    recording: { groups: [{ name: "activation-recording", rules: recordingRules() }] },
    alerts: {
      groups: [
        group("activation-kms", kmsRules(settings)),
        group("activation-licenses", [...licenseRules(settings), ...makRules(settings)]),
        group("activation-pipeline", pipelineRules(settings)),
      ],
    },
  };
};

const alertRule = (
  rule: Rule,
  { pace }: Settings,
  { words = en, runbook = RUNBOOK, dashboards }: BuildOptions,
): object => {
  const { summary, description } = words[rule.alert];
  const holds = rule.holds ? pace[rule.holds] : 0;
  return {
    alert: rule.alert,
    expr: rule.expr,
    ...(holds > 0 && { for: `${holds / SECOND}s` }),
    ...(rule.keep && pace.keep > 0 && { keep_firing_for: `${pace.keep / SECOND}s` }),
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
  readonly collector?: string;
  readonly alertmanager?: string;
  readonly interval?: string;
  readonly grouping?: Grouping;
}

/** Writes everything Prometheus and Alertmanager need, and the runbook. @returns the files. */
export const buildAlerts = (out: string, options: BuildOptions = {}, targets: Targets = {}): string[] => {
  const { recording, alerts } = ruleFiles(options);
  const { interval = "15s", collector = "127.0.0.1:9688", alertmanager = "127.0.0.1:9093" } = targets;
  const files: Record<string, object> = {
    "activation-recording.rules.yaml": recording,
    "activation-alerts.rules.yaml": alerts,
    "prometheus.yaml": {
      global: { scrape_interval: interval, evaluation_interval: interval },
      rule_files: ["activation-*.rules.yaml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      scrape_configs: [{ job_name: "activation-monitor", static_configs: [{ targets: [collector] }] }],
    },
    "alertmanager.yaml": alertmanagerConfig(
      {
        pageUrl: targets.pageUrl ?? "http://127.0.0.1:9099/page",
        notifyUrl: targets.notifyUrl ?? "http://127.0.0.1:9099/notify",
      },
      targets.grouping ?? GROUPING,
    ),
  };
  mkdirSync(out, { recursive: true });
  const texts = Object.entries(files).map(([name, content]) => [name, stringify(content, { lineWidth: 0 })] as const);
  return [...texts, ["runbook.md", runbook(options.words)] as const].map(([name, text]) => {
    const file = join(out, name);
    writeFileSync(file, text);
    return file;
  });
};
