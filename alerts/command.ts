import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildAlerts } from "./build.ts";
import { runbook } from "./runbook.ts";

/** `alerts build`: writes the files and prints their names. */
export const buildAlertsCommand = (
  { out, runbook: runbookUrl, dashboards }: { out: string; runbook?: string; dashboards?: string },
  stdout: { write(text: string): unknown },
): number => {
  const files = buildAlerts(out, { ...(runbookUrl && { runbook: runbookUrl }), ...(dashboards && { dashboards }) });
  const text = join(out, "runbook.md");
  writeFileSync(text, runbook());
  for (const it of [...files, text]) stdout.write(`${it}\n`);
  return 0;
};
