import { buildAlerts } from "./build.ts";
import { type Language, WORDS } from "./locales/languages.ts";

export interface AlertsOptions {
  readonly out: string;
  readonly lang: Language;
  readonly runbook?: string;
  readonly dashboards?: string;
}

/** `alerts build`: writes the files and prints their names. */
export const buildAlertsCommand = (
  { out, lang, runbook, dashboards }: AlertsOptions,
  stdout: { write(text: string): unknown },
): number => {
  const options = { words: WORDS[lang], ...(runbook && { runbook }), ...(dashboards && { dashboards }) };
  for (const it of buildAlerts(out, options)) stdout.write(`${it}\n`);
  return 0;
};
