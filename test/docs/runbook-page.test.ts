import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { RUNBOOK_LANGUAGES, runbookModule } from "../../docs/runbook-texts.ts";

test.each(RUNBOOK_LANGUAGES)("collector/ui/runbook/%s.ts is what `npm run docs` writes", (language) => {
  const file = readFileSync(new URL(`../../collector/ui/runbook/${language}.ts`, import.meta.url), "utf8");
  expect(file).toBe(runbookModule(language));
});
