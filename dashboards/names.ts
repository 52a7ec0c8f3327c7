import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";
import type { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import type { PanelName, Words } from "./locales/texts.ts";
import { columns, look, palette, textMappings } from "./panels.ts";
import { NONE } from "./queries.ts";

/** How a label's values are called in a language: queries and their answers are the same in all. */
type Names = Readonly<Record<string, string>>;

const renamed = (names: Names): [value: string, name: string][] =>
  Object.entries(names).filter(([value, name]) => value !== name);

/** With the value that stands where nothing is. */
export const orNone = (names: Names, words: Words): Names => ({ ...names, [NONE]: words.series.none });

/** The look of a column of label values. */
export const named = (names: Names): DynamicConfigValue[] => {
  const others = renamed(names);
  return others.length > 0 ? [look.mapped(textMappings(Object.fromEntries(others)))] : [];
};

/** Lines that are called by a label's values, each in its colour where it has one. */
export const withNames = (panel: TimeSeries, names: Names, colours: Names = {}): TimeSeries => {
  const called = new Map(renamed(names));
  for (const it of new Set([...Object.keys(colours), ...called.keys()])) {
    const [colour, name] = [colours[it], called.get(it)];
    panel.overrideByName(it, [...(colour ? [look.colour(colour)] : []), ...(name ? [look.displayName(name)] : [])]);
  }
  return panel;
};

/** Events by a label's values, or a line that says that there are none. */
export const eventsBy = (name: PanelName, words: Words, label: string, names: Names, expr: string): TimeSeries =>
  withNames(columns(name, words, { expr, legend: `{{${label}}}` }).colorScheme(palette()), orNone(names, words));
