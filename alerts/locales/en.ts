import { kmsCounts } from "./en-kms-counts.ts";
import { kmsHosts } from "./en-kms-hosts.ts";
import { licenses } from "./en-licenses.ts";
import { pipeline } from "./en-pipeline.ts";
import type { Words } from "./texts.ts";
import { thresholdsEn } from "./thresholds-en.ts";

export const en: Words = {
  runbook: {
    title: "Runbook",
    intro:
      "One section for each alert. In commands, replace COLLECTOR, HOST, ZONE, DOMAIN and KEY by your names. Sections of the guide are those of Microsoft's Volume Activation Planning Guide. An activation is no proof of a license.",
    meaning: "Meaning.",
    affected: "Who is affected.",
    check: "How to check.",
    action: "How to fix.",
    silence: "How to silence.",
    settings: "Settings.",
    severity: { critical: "critical (pages)", warning: "warning", info: "info (shown, not sent)" },
    atOnce: "fires at once",
    holds: (duration) => `fires after ${duration}`,
    keeps: (duration) => `keeps firing for ${duration} after the cause is gone`,
    dashboard: (name) => `dashboard \`${name}\``,
    guide: "Planning guide:",
    thresholds: "Thresholds",
    thresholdsIntro:
      "Write those that you want to change into a YAML file (`forecast: 21d`) and build the rules with `activation-monitor alerts build --thresholds FILE`.",
  },
  notification: {
    firing: "Firing",
    resolved: "Resolved",
    all: "alerts:",
    since: "Since",
    runbook: "What to do",
    dashboard: "Dashboard",
    silence: "Silence or inspect",
  },
  ...kmsCounts,
  ...kmsHosts,
  ...licenses,
  ...pipeline,
  thresholds: thresholdsEn,
};
