import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DataSourceRef,
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  SpecialValueMatch,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimeline } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import { KNOWN, whereKnown } from "./known.ts";
import type { PanelName, Words } from "./locales/texts.ts";
import { NO_NUMBER, NOT_KNOWN, orNoNumber, STATE, type State, withoutCollector, withoutLine } from "./queries.ts";

/** How panels look: everything that several dashboards share. What a panel asks stands in queries.ts, what it says in words/. */
export const DATASOURCE: DataSourceRef = { type: "prometheus", uid: `\${datasource}` };

/** Unknown is purple: neither green nor zero, and not to be overlooked. */
export const COLOURS = {
  safe: "green",
  watch: "orange",
  unknown: "purple",
  atRisk: "red",
  noHost: "purple",
  noCollector: "purple",
  quiet: "text",
} as const;

/** A panel and how many of the 24 columns it is wide. */
export interface Placed {
  readonly width: number;
  readonly panel: Builder<Panel>;
}
export const wide = (width: number, panel: Builder<Panel>): Placed => ({ width, panel });

const letter = (index: number): string => String.fromCharCode(65 + index);

export interface Query {
  readonly expr: string;
  readonly legend?: string;
}
type Shape = "now" | "over time" | "rows";
const target = ({ expr, legend }: Query, index: number, shape: Shape): Builder<Dataquery> => {
  const query = new DataqueryBuilder().refId(letter(index)).expr(expr).datasource(DATASOURCE);
  if (legend !== undefined) query.legendFormat(legend);
  if (shape === "over time") return query.range();
  return shape === "rows" ? query.instant().format(PromQueryFormat.Table) : query.instant();
};

interface Common {
  title(text: string): this;
  description(text: string): this;
  noValue(text: string): this;
  unit(unit: string): this;
  datasource(ref: DataSourceRef): this;
  targets(targets: Builder<Dataquery>[]): this;
}
/** Title, description, data source and queries of a panel. */
export const common = <T extends Common>(
  panel: T,
  name: PanelName,
  words: Words,
  queries: readonly Query[],
  shape: Shape,
): T => {
  const { title, description, none } = words.panels[name];
  const shown = shape === "over time" ? [...queries, ...withoutLines(queries, none, words)] : queries;
  return panel
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit("none")
    .noValue(words.states.noCollector)
    .targets(shown.map((it, i) => target(it, i, shape)));
};

/** Legends without a line: no collector answers, or there is nothing to show yet. An empty panel never looks healthy. */
const withoutLines = (queries: readonly Query[], none: string | undefined, words: Words): Query[] => [
  { expr: withoutCollector(), legend: words.states.noCollector },
  ...(none === undefined ? [] : [{ expr: withoutLine(queries.map(({ expr }) => expr)), legend: none }]),
];

/** The first query's value or, where there is none, the panel's words for that. */
const orNone = (name: PanelName, words: Words, queries: readonly Query[]): readonly Query[] => {
  const [first, ...others] = queries;
  if (!first || words.panels[name].none === undefined) return queries;
  const known = KNOWN[name];
  const labels = [...(first.legend ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, it]) => it!);
  return [
    { ...first, expr: orNoNumber(first.expr, labels, known) },
    ...others.map((it) => ({ ...it, expr: whereKnown(name, it.expr) })),
  ];
};
/** Product classes at the end of a legend, in words. */
const classNames = (words: Words) =>
  Object.entries(words.values.productClass).map(([value, renamed]) => ({
    id: "renameByRegex",
    options: { regex: `(.*) · ${value}$`, renamePattern: `$1 · ${renamed}` },
  }));

/** To be put before a tile's own mappings. */
export const noNumber = (name: PanelName, words: Words): ValueMapping[] => {
  const text = words.panels[name].none;
  return text === undefined
    ? []
    : [
        {
          type: MappingType.ValueToText,
          options: {
            [NO_NUMBER]: { text, color: COLOURS.quiet, index: 0 },
            [NOT_KNOWN]: { text: words.notRead, color: COLOURS.unknown, index: 1 },
          },
        },
      ];
};

/** From the first colour on, each further one at its value. */
export const steps = (first: string, ...further: readonly (readonly [from: number, colour: string])[]) =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: first } as unknown as Threshold,
      ...further.map(([value, color]) => ({ value, color })),
    ]);

export const stateMappings = (words: Words): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      (Object.keys(STATE) as State[]).map((it, index) => [
        STATE[it],
        { text: words.states[it], color: COLOURS[it], index },
      ]),
    ),
  },
];
export const textMappings = (texts: Readonly<Record<string, string>>, colours: Readonly<Record<string, string>> = {}) =>
  [
    {
      type: MappingType.ValueToText,
      options: Object.fromEntries(
        Object.entries(texts).map(([value, text], index) => [
          value,
          { text, index, ...(colours[value] && { color: colours[value] }) },
        ]),
      ),
    },
  ] as ValueMapping[];
/** Where a row has no such value. */
export const absent = (text: string, color: string): ValueMapping => ({
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.Null, result: { text, color } },
});
export const above = (from: number, text: string, color: string): ValueMapping => ({
  type: MappingType.RangeToText,
  options: { from, to: null, result: { text, color } },
});

export const below = (to: number, text: string, color: string): ValueMapping => ({
  type: MappingType.RangeToText,
  options: { from: NO_NUMBER / 10, to, result: { text, color } },
});

export const palette = () => new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic);

const latest = () => new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false);

export const stat = (name: PanelName, words: Words, ...queries: Query[]): Stat =>
  common(new Stat(), name, words, orNone(name, words, queries), "now")
    .mappings(noNumber(name, words))
    // A tile without a number has no series to name.
    .overrideByRegexp("^[ ·]*$", [look.displayName(" ")])
    .transformations(classNames(words))
    .reduceOptions(latest())
    .colorMode(BigValueColorMode.Value)
    .wideLayout(false)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    .thresholds(steps(COLOURS.quiet));

export const bars = (name: PanelName, words: Words, ...queries: Query[]): BarGauge =>
  common(new BarGauge(), name, words, orNone(name, words, queries), "now")
    .mappings(noNumber(name, words))
    .reduceOptions(latest())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .namePlacement(BarGaugeNamePlacement.Left)
    .showUnfilled(true)
    .sizing(BarGaugeSizing.Manual)
    .minVizHeight(12)
    .maxVizHeight(26)
    .text(new VizTextDisplayOptionsBuilder().valueSize(14).titleSize(12))
    .min(0)
    .thresholds(steps("blue"));

/** A dashed line at the value from which it is no longer well. */
export const withLimit = (panel: TimeSeries, at: number, colour: string): TimeSeries =>
  panel.thresholds(steps("transparent", [at, colour])).thresholdsStyle(dashedThresholds());

const legend = (calcs: readonly string[]) =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(calcs.length > 0 ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([...calcs]);
/** The last value beside each name: many lines of like colours are told apart by it. */
const legendWithValues = () => legend(["lastNotNull"]).displayMode(LegendDisplayMode.List);
const tooltip = () => new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);

export const lines = (name: PanelName, words: Words, ...queries: Query[]): TimeSeries =>
  common(new TimeSeries(), name, words, queries, "over time")
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Never)
    .overrideByName(words.states.noCollector, [look.colour(COLOURS.noCollector)])
    .overrideByName(words.panels[name].none ?? " ", [look.colour(COLOURS.quiet)])
    .transformations(classNames(words))
    .legend(legend([]))
    .tooltip(tooltip());

/** Lines of which there may be a dozen. */
export const manyLines = (name: PanelName, words: Words, ...queries: Query[]): TimeSeries =>
  lines(name, words, ...queries)
    .legend(legendWithValues())
    .colorScheme(palette());

/** Events in each interval, on top of each other. */
export const columns = (name: PanelName, words: Words, ...queries: Query[]): TimeSeries =>
  lines(name, words, ...queries)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"))
    .interval("1m")
    .maxDataPoints(120)
    .min(0)
    .axisSoftMax(1);

/** Areas on top of each other: parts of a whole. */
export const areas = (name: PanelName, words: Words, ...queries: Query[]): TimeSeries =>
  lines(name, words, ...queries)
    .lineWidth(1)
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"))
    .min(0);

export const dashedThresholds = () => new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed);
export const shadedThresholds = () =>
  new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.LineAndArea);

export const timeline = (name: PanelName, words: Words, ...queries: Query[]): StateTimeline =>
  common(new StateTimeline(), name, words, queries, "over time")
    .targets(queries.map((it, i) => target(it, i, "over time")))
    .transformations(classNames(words))
    .mappings(stateMappings(words))
    .thresholds(steps(COLOURS.quiet))
    .colorScheme(palette())
    .showValue(VisibilityMode.Auto)
    .mergeValues(true)
    .rowHeight(0.85)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(legend([]).showLegend(false))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single));

/** Looks of a table's column or a series, to be combined. */
export const look = {
  unit: (unit: string): DynamicConfigValue => ({ id: "unit", value: unit }),
  displayName: (text: string): DynamicConfigValue => ({ id: "displayName", value: text }),
  noValue: (text: string): DynamicConfigValue => ({ id: "noValue", value: text }),
  decimals: (digits: number): DynamicConfigValue => ({ id: "decimals", value: digits }),
  width: (pixels: number): DynamicConfigValue => ({ id: "custom.width", value: pixels }),
  mapped: (mappings: ValueMapping[]): DynamicConfigValue => ({ id: "mappings", value: mappings }),
  coloured: { id: "custom.cellOptions", value: { type: "color-background", mode: "basic" } } as DynamicConfigValue,
  colouredText: { id: "custom.cellOptions", value: { type: "color-text" } } as DynamicConfigValue,
  thresholds: (config: ReturnType<typeof steps>): DynamicConfigValue => ({ id: "thresholds", value: config.build() }),
  colour: (colour: string): DynamicConfigValue => ({ id: "color", value: { mode: "fixed", fixedColor: colour } }),
  dashed: { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 6] } } as DynamicConfigValue,
  thin: { id: "custom.lineWidth", value: 1 } as DynamicConfigValue,
  link: (title: string, url: string): DynamicConfigValue => ({ id: "links", value: [{ title, url }] }),
} as const;
