import { kmsRules } from "./kms.ts";
import { licenseRules, makRules } from "./license.ts";
import { pipelineRules } from "./pipeline.ts";
import type { Rule, Settings } from "./rule.ts";

/** The alerts by the name of their group. */
export const ruleGroups = (settings: Settings): Readonly<Record<string, readonly Rule[]>> => ({
  "activation-kms": kmsRules(settings),
  "activation-licenses": [...licenseRules(settings), ...makRules(settings)],
  "activation-pipeline": pipelineRules(settings),
});
