import {
  type DynamicConfigValue,
  MappingType,
  SpecialValueMatch,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { KNOWN, whereKnown } from "./known.ts";
import type { ColumnName, PanelName, Words } from "./locales/texts.ts";
import { COLOURS, common, steps, textMappings } from "./panels.ts";
import { NO_COLLECTOR, NONE, NOT_READ, orNoRow } from "./queries.ts";

export interface Column {
  /** A label, or the letter of the query whose value it shows. */
  readonly of: string;
  readonly name: ColumnName;
  readonly look?: readonly DynamicConfigValue[];
  /** The column in which an empty table says why it is empty; the first one if none is marked. */
  readonly tellsWhyEmpty?: true;
}

/** Pixels of a column without a width of its own: at 1280 pixels with Grafana's menu docked every column stays in view. */
const MIN_WIDTH = 50;

/** One row for each set of labels; the queries' values are its columns. */
export const table = (name: PanelName, words: Words, columns: readonly Column[], ...queries: string[]): Table => {
  const why = columns.find((it) => it.tellsWhyEmpty) ?? columns[0]!;
  const fieldOf = ({ of }: Column): string =>
    /^[A-Z]$/.test(of) ? (queries.length > 1 ? `Value #${of}` : "Value") : of;
  const panel = common(
    new Table(),
    name,
    words,
    queries.map((expr, i) => ({
      expr: i === 0 ? orNoRow(expr, queries.slice(1), why.of, KNOWN[name]) : whereKnown(name, expr),
    })),
    "rows",
  )
    .noValue("–")
    .minWidth(MIN_WIDTH)
    .transformations([
      ...(queries.length > 1 ? [{ id: "merge", options: {} }] : []),
      { id: "filterFieldsByName", options: { include: { names: columns.map(fieldOf) } } },
      {
        id: "organize",
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(columns.map((it, i) => [fieldOf(it), i])),
          renameByName: Object.fromEntries(columns.map((it) => [fieldOf(it), words.columns[it.name]])),
        },
      },
    ])
    .thresholds(steps(COLOURS.quiet));
  const { none = words.unknown } = words.panels[name];
  const whyEmpty = textMappings({
    [NONE]: none,
    [NOT_READ]: words.notRead,
    [NO_COLLECTOR]: words.states.noCollector,
  });
  for (const column of columns) {
    const looks = withMappings(column.look ?? [], column === why ? [...whyEmpty, noNumberCell] : [noNumberCell]);
    panel.overrideByName(words.columns[column.name], looks);
  }
  return panel;
};

/** Adds mappings after those of a column: the values of a field have one list of them. */
const withMappings = (looks: readonly DynamicConfigValue[], more: readonly ValueMapping[]): DynamicConfigValue[] => {
  const own = looks.find(({ id }) => id === "mappings");
  return [
    ...looks.filter((it) => it !== own),
    { id: "mappings", value: [...((own?.value as ValueMapping[] | undefined) ?? []), ...more] },
  ];
};
const noNumberCell: ValueMapping = {
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NotANumber, result: { text: "–" } },
};
