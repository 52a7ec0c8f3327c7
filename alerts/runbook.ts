import { en } from "./locales/en.ts";
import { ALERTS, type AlertName, type Words } from "./locales/texts.ts";
import type { Rule } from "./rule.ts";
import { ruleGroups } from "./rule-groups.ts";
import {
  promDuration,
  THRESHOLD_NAMES,
  THRESHOLD_TABLE,
  THRESHOLDS,
  type ThresholdName,
  type Thresholds,
} from "./thresholds.ts";

/** The runbook's texts, without a form: alerts/runbook.md and the collector's page are made from them. */
export interface RunbookContent {
  readonly title: string;
  readonly intro: string;
  /** One for each alert: paragraphs with a label, commands in backticks. */
  readonly sections: readonly { readonly alert: AlertName; readonly paragraphs: readonly LabelledText[] }[];
  readonly thresholds: string;
  readonly thresholdsIntro: string;
  readonly thresholdList: readonly { readonly name: string; readonly value: string; readonly why: string }[];
}
type LabelledText = readonly [label: string, text: string];

export const runbookContent = (words: Words = en, thresholds: Thresholds = THRESHOLDS): RunbookContent => {
  const rules = Object.values(ruleGroups({ thresholds })).flat();
  const { title, intro, thresholds: heading, thresholdsIntro } = words.runbook;
  return {
    title,
    intro,
    sections: ALERTS.map((alert) => ({
      alert,
      paragraphs: paragraphs(
        alert,
        rules.filter((rule) => rule.alert === alert),
        words,
        thresholds,
      ),
    })),
    thresholds: heading,
    thresholdsIntro,
    thresholdList: THRESHOLD_NAMES.map((name) => ({
      name,
      value: shown(name, thresholds),
      why: words.thresholds[name],
    })),
  };
};

/** The runbook as Markdown: one section for each alert, and the list of thresholds. */
export const runbook = (words: Words = en, thresholds: Thresholds = THRESHOLDS): string => {
  const it = runbookContent(words, thresholds);
  const sections = it.sections.map(
    ({ alert, paragraphs }) =>
      `\n## ${alert}\n\n${paragraphs.map(([label, text]) => `**${label}** ${text}`).join("\n\n")}\n`,
  );
  const rows = it.thresholdList.map(({ name, value, why }) => `- \`${name}\` ${value}: ${why}`);
  return `# ${it.title}\n\n${it.intro}\n${sections.join("")}\n## ${it.thresholds}\n\n${it.thresholdsIntro}\n\n${rows.join("\n")}\n`;
};

const paragraphs = (name: AlertName, rules: readonly Rule[], words: Words, thresholds: Thresholds): LabelledText[] => {
  const { meaning, affected, check, action, guide } = words[name];
  const text = words.runbook;
  return [
    [text.meaning, meaning],
    [text.affected, affected],
    [text.check, check],
    [text.action, action],
    [text.silence, `\`amtool silence add alertname=${name}${SCOPE[scopeOf(name)]} --duration=8h --comment="…"\``],
    [text.settings, settings(rules, words, thresholds)],
    ...(guide ? [[text.guide, guide] as const] : []),
  ];
};

const SCOPE = { host: " kms_host=HOST", zone: " zone=ZONE", none: "" } as const;
const WITHOUT_SCOPE = /^(Kms(UnexpectedHost|KeyOverused)|Mak.+|Collector.+|Watchdog)$/;
const scopeOf = (name: AlertName): keyof typeof SCOPE => {
  if (WITHOUT_SCOPE.test(name)) return "none";
  return name.startsWith("Kms") && name !== "KmsSingleHost" ? "host" : "zone";
};

const settings = (rules: readonly Rule[], words: Words, thresholds: Thresholds): string => {
  const [rule] = rules;
  if (!rule) throw new Error("an alert without a rule");
  const text = words.runbook;
  const parts = [
    rules.map((it) => text.severity[it.severity]).join(" / "),
    rule.holds ? text.holds(promDuration(thresholds[rule.holds])) : text.atOnce,
    ...(rule.keep ? [text.keeps(promDuration(thresholds.keeps_firing))] : []),
    ...(rule.uses ?? []).map((it) => `\`${it}\` ${shown(it, thresholds)}`),
    ...(rule.dashboard ? [text.dashboard(rule.dashboard)] : []),
  ];
  return parts.join(" · ");
};

/** A threshold as it is written in the file. */
const shown = (name: ThresholdName, thresholds: Thresholds): string => {
  const value = thresholds[name];
  if (typeof value === "string") return value;
  const { unit } = THRESHOLD_TABLE[name];
  if (unit === "duration") return promDuration(value);
  return unit === "share" ? `${Number((value * 100).toFixed(2))}%` : String(value);
};
