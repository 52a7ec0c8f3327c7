type Row = readonly string[];

const escaped = (row: Row): string[] => row.map((it) => it.replaceAll("|", "\\|"));
const lineOf = (row: Row): string => `| ${row.join(" | ")} |`;

/** A table of Markdown with columns of one width, as the formatter leaves it. */
export const markdownTable = (head: Row, rows: readonly Row[]): string => {
  const lines = [head, ...rows].map(escaped);
  const widths = head.map((_, column) => Math.max(...lines.map((it) => it[column]!.length)));
  const padded = lines.map((line) => line.map((it, column) => it.padEnd(widths[column]!)));
  const rule = widths.map((it) => "-".repeat(it));
  return [padded[0]!, rule, ...padded.slice(1)].map(lineOf).join("\n");
};

/** The same without padding, for tables whose cells differ much in length. */
export const compactTable = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => "---"), ...rows.map(escaped)].map(lineOf).join("\n");
