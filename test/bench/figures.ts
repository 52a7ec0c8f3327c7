/** What a piece of the benchmark measured: the same thing several times. */
export interface Figure {
  readonly piece: string;
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** What it must reach, or must not exceed. */
  readonly least?: number;
  readonly most?: number;
  /** The name of the figure that it is judged against. */
  readonly against?: readonly string[];
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Three digits that matter; thousands apart. */
export const readable = (value: number): string => {
  if (!Number.isFinite(value)) return "-";
  const rounded = value === 0 ? 0 : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-GB", { maximumFractionDigits: 3 });
};

const verdict = ({ values, least, most }: Figure): string => {
  if (least !== undefined) return `${median(values) >= least ? "reached" : "MISSED"} (>= ${readable(least)})`;
  if (most !== undefined) return `${median(values) <= most ? "reached" : "MISSED"} (<= ${readable(most)})`;
  return "";
};

/** Each figure with its spread, its floor, and its ratio to its peers of the same run. */
export const table = (figures: readonly Figure[]): string => {
  const byName = new Map(figures.map((it) => [it.name, it]));
  const rows = figures.map((it) => [
    it.name,
    `${readable(median(it.values))} ${it.unit}`,
    it.values.length > 1 ? `${readable(Math.min(...it.values))} to ${readable(Math.max(...it.values))}` : "",
    verdict(it),
    (it.against ?? [])
      .flatMap((name) => {
        const peer = byName.get(name);
        return peer ? [`${readable(median(it.values) / median(peer.values))}x ${name}`] : [];
      })
      .join(", "),
  ]);
  const head = ["what", "median", "spread", "floor", "ratio"];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((it, i) => it.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((it) => "-".repeat(it))), ...rows.map(line), ""].join("\n");
};
