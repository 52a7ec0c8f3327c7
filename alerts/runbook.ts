import { en } from "./words/en.ts";
import { ALERTS, type Words } from "./words/words.ts";

/** One section for each alert: what it means and what to do. alerts/runbook.md is made from it. */
export const runbook = (words: Words = en): string =>
  `# Runbook\n\nMade by \`npm run docs\`; edit \`alerts/words/\`.\n${ALERTS.map((it) => section(it, words)).join("")}`;

const section = (name: (typeof ALERTS)[number], words: Words): string =>
  `\n## ${name}\n\n${words[name].meaning}\n\n**What to do.** ${words[name].action}\n`;
