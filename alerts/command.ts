import { buildAlerts } from "./build.ts";

/** `alerts build`: writes the files and prints their names. */
export const buildAlertsCommand = (
  { out, runbook, dashboards }: { out: string; runbook?: string; dashboards?: string },
  stdout: { write(text: string): unknown },
): number => {
  for (const it of buildAlerts(out, { ...(runbook && { runbook }), ...(dashboards && { dashboards }) }))
    stdout.write(`${it}\n`);
  return 0;
};
