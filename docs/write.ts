import { writeFileSync } from "node:fs";
import { runbook } from "../alerts/runbook.ts";
import { apiPage } from "./api.ts";
import { CONFIG_KINDS, configExample, configJsonSchema } from "./config-examples.ts";
import { configurationPage } from "./configuration.ts";
import { eventsPage } from "./events.ts";
import { metricsPage } from "./metrics.ts";
import { RUNBOOK_LANGUAGES, runbookModule } from "./runbook-texts.ts";

/** `npm run docs`: writes the pages that are made from the program itself. A test tells when they are old. */
writeFileSync(new URL("api.md", import.meta.url), await apiPage());
writeFileSync(new URL("configuration.md", import.meta.url), configurationPage());
writeFileSync(new URL("events.md", import.meta.url), eventsPage());
writeFileSync(new URL("metrics.md", import.meta.url), metricsPage());
writeFileSync(new URL("../alerts/runbook.md", import.meta.url), runbook());
for (const it of RUNBOOK_LANGUAGES)
  writeFileSync(new URL(`../collector/ui/runbook/${it}.ts`, import.meta.url), runbookModule(it));
for (const it of CONFIG_KINDS) {
  writeFileSync(new URL(`../deploy/config/${it}.yaml`, import.meta.url), configExample(it));
  writeFileSync(new URL(`../deploy/config/${it}.schema.json`, import.meta.url), configJsonSchema(it));
}
