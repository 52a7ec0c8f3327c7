import { buildDashboards } from "./build.ts";
import { type Language, WORDS } from "./locales/languages.ts";

export interface DashboardsOptions {
  readonly out: string;
  readonly lang: Language;
  readonly prometheus?: string;
  readonly folder?: string;
  readonly runbook?: string;
}

/** `dashboards build`: writes the files and prints their names. */
export const buildDashboardsCommand = (
  { out, lang, prometheus, folder, runbook }: DashboardsOptions,
  stdout: { write(text: string): unknown },
): number => {
  const files = buildDashboards(
    out,
    { words: WORDS[lang], ...(runbook && { runbook }) },
    { ...(prometheus && { prometheus }), ...(folder && { folder }) },
  );
  for (const it of files) stdout.write(`${it}\n`);
  return 0;
};
