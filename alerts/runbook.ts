import { en } from "./locales/en.ts";
import { ALERTS, type Words } from "./locales/texts.ts";

/** One section for each alert: what it means and what to do. alerts/runbook.md is made from it. */
export const runbook = (words: Words = en): string =>
  `# ${words.runbook.title}\n\n${words.runbook.origin}\n${ALERTS.map((it) => section(it, words)).join("")}`;

const section = (name: (typeof ALERTS)[number], words: Words): string =>
  `\n## ${name}\n\n${words[name].meaning}\n\n**${words.runbook.action}** ${words[name].action}\n`;
