import type { WorksheetAnswer } from "../summary/worksheet.ts";
import { type ApiOptions, apiFrom } from "./api-client.ts";

export interface WorksheetOptions extends ApiOptions {
  readonly format: "table" | "csv" | "json";
}

/**
 * `collector worksheet`: the planning guide's Table 2 of every zone, from a running collector.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error when the collector does not answer.
 */
export const printWorksheet = async (
  options: WorksheetOptions,
  { out, err }: Readonly<Record<"out" | "err", { write(text: string): unknown }>>,
): Promise<number> => {
  const api = apiFrom(options);
  const answer = await api.get<WorksheetAnswer>("/api/v1/worksheet");
  if (!answer) throw new Error(`${api.url} has no worksheet: is it a collector of this version?`);
  if (answer.problem) err.write(`activation-monitor: the inventory is old: ${answer.problem}\n`);
  out.write(FORMATS[options.format](answer));
  return 0;
};

const FORMATS: Readonly<Record<WorksheetOptions["format"], (answer: WorksheetAnswer) => string>> = {
  json: (answer) => `${JSON.stringify(answer, undefined, 2)}\n`,
  // Names of zones and criteria have neither commas nor quotes.
  csv: ({ items }) =>
    ["zone,kind,row,criterion,method,computers"]
      .concat(
        items.flatMap(({ zone, kind, rows }) =>
          rows.map((it) => [zone, kind, it.row, it.criterion, it.method, it.computers].join(",")),
        ),
      )
      .map((line) => `${line}\r\n`)
      .join(""),
  table: ({ items }) =>
    items.length === 0
      ? "No computer is known yet, and no inventory is configured.\n"
      : items.map(zoneTable).join("\n"),
};

const zoneTable = ({ zone, kind, rows, finding }: WorksheetAnswer["items"][number]): string => {
  const width = Math.max(...rows.map((it) => it.words.length));
  const lines = rows.map(
    ({ row, words, method, computers }) =>
      `  ${row}  ${words.padEnd(width)}  ${(METHODS[method] ?? "").padEnd(4)}  ${String(computers).padStart(9)}`,
  );
  return `${zone} (${kind})\n${lines.join("\n")}\n${finding ? `  → ${finding}\n` : ""}`;
};

const METHODS: Readonly<Record<string, string>> = { kms: "KMS", mak: "MAK", none: "none" };
