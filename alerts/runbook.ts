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

/** One section for each alert, and the list of thresholds. alerts/runbook.md is made from it. */
export const runbook = (words: Words = en, thresholds: Thresholds = THRESHOLDS): string => {
  const rules = Object.values(ruleGroups({ thresholds })).flat();
  const sections = ALERTS.map((it) =>
    section(
      it,
      rules.filter((rule) => rule.alert === it),
      words,
      thresholds,
    ),
  );
  return `# ${words.runbook.title}\n\n${words.runbook.intro}\n${sections.join("")}${thresholdList(words, thresholds)}`;
};

const section = (name: AlertName, rules: readonly Rule[], words: Words, thresholds: Thresholds): string => {
  const { meaning, affected, check, action, guide } = words[name];
  const text = words.runbook;
  const paragraphs = [
    `**${text.meaning}** ${meaning}`,
    `**${text.affected}** ${affected}`,
    `**${text.check}** ${check}`,
    `**${text.action}** ${action}`,
    `**${text.silence}** \`amtool silence add alertname=${name}${SCOPE[scopeOf(name)]} --duration=8h --comment="…"\``,
    `**${text.settings}** ${settings(rules, words, thresholds)}`,
    ...(guide ? [`**${text.guide}** ${guide}`] : []),
  ];
  return `\n## ${name}\n\n${paragraphs.join("\n\n")}\n`;
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

const thresholdList = (words: Words, thresholds: Thresholds): string => {
  const rows = THRESHOLD_NAMES.map((it) => `- \`${it}\` ${shown(it, thresholds)}: ${words.thresholds[it]}`);
  return `\n## ${words.runbook.thresholds}\n\n${words.runbook.thresholdsIntro}\n\n${rows.join("\n")}\n`;
};

/** A threshold as it is written in the file. */
const shown = (name: ThresholdName, thresholds: Thresholds): string => {
  const value = thresholds[name];
  if (typeof value === "string") return value;
  const { unit } = THRESHOLD_TABLE[name];
  if (unit === "duration") return promDuration(value);
  return unit === "share" ? `${Number((value * 100).toFixed(2))}%` : String(value);
};
