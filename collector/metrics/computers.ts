import { type Format, familyHead, OPENMETRICS_END, seriesText } from "../../licensing/telemetry/exposition.ts";
import type { Metric } from "../../licensing/telemetry/metrics.ts";
import { COMPUTER_METRICS, computerMetrics } from "../../licensing/telemetry/metrics-computers.ts";
import type { ComputerState } from "../state/computer.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { ComputerRow, Reader } from "../store/store.ts";

type Value = readonly [value: number, ...labels: string[]];

/** What one computer has of each family, beyond the labels `computer` and `zone`. */
const VALUES = new Map<Metric, (row: ComputerRow, state: ComputerState) => Value[]>([
  [computerMetrics.lastSeen, ({ seenAt }) => [[seenAt / 1_000]]],
  [computerMetrics.lastRenewal, (_, { renewedAt }) => (renewedAt === undefined ? [] : [[renewedAt / 1_000]])],
  [
    computerMetrics.licenseInfo,
    (_, { licenses }) => distinct(licenses.map((it) => [1, it.product, it.channel, it.status])),
  ],
  [
    computerMetrics.licenseDeadline,
    (_, { licenses }) =>
      distinct(
        licenses.flatMap(({ deadline, product, channel }): Value[] =>
          deadline === undefined ? [] : [[deadline / 1_000, product, channel]],
        ),
      ),
  ],
]);

/** Two licenses may have the same labels, of products that have no name: the lower value stands for both. */
const distinct = (values: readonly Value[]): Value[] => [
  ...new Map(values.toSorted((a, b) => b[0] - a[0]).map((it) => [it.slice(1).join("\u001f"), it])).values(),
];

/** A piece of one family, and after which computer the next one goes on. */
export interface SeriesPiece {
  readonly text: string;
  readonly next?: string;
}

const PAGE = 1_000;

/** The series of a bounded number of computers, so that reports and other questions have their turn in between. */
export const seriesPiece = async (reader: Reader, family: string, after: string): Promise<SeriesPiece> => {
  const [metric, valuesOf] = [...VALUES].find(([it]) => it.name === family)!;
  const rows = await reader.computers({ after, limit: PAGE });
  const text = rows
    .filter((it) => it.presence !== 1)
    .flatMap((row) =>
      valuesOf(row, computerOf(row.state)).map(([value, ...labels]) =>
        seriesText({ metric, labels: [row.key, row.zone, ...labels], value }),
      ),
    )
    .join("");
  return rows.length < PAGE ? { text } : { text, next: rows.at(-1)!.key };
};

/** The whole exposition, family by family, without ever holding more than a piece of it. */
export async function* computerExposition(
  format: Format,
  pieceOf: (family: string, after: string) => Promise<SeriesPiece>,
): AsyncGenerator<string> {
  for (const metric of COMPUTER_METRICS) {
    yield familyHead(metric, format);
    for (let after: string | undefined = ""; after !== undefined; ) {
      const { text, next }: SeriesPiece = await pieceOf(metric.name, after);
      // To a stream of bytes nothing is no piece.
      if (text !== "") yield text;
      after = next;
    }
  }
  if (format === "openmetrics") yield OPENMETRICS_END;
}
