import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { fleetMetrics as F, kmsMetrics as K, type Metric } from "../licensing/telemetry/metrics.ts";
import { annotations } from "./annotations.ts";
import type { DashboardName, Words } from "./locales/texts.ts";
import { DATASOURCE, type Placed } from "./panels.ts";
import { series } from "./queries.ts";

/** The addresses that alerts link to: `/d/UID`. */
export const UIDS = {
  fleet: "activation-fleet",
  kms: "activation-kms",
  deadlines: "activation-deadlines",
  failures: "activation-failures",
  planning: "activation-planning",
  keys: "activation-keys",
  pipeline: "activation-pipeline",
} as const;
export type { DashboardName };

const TAG = "activation-monitor";

export interface Line {
  readonly height: number;
  readonly panels: readonly Placed[];
}
export interface Section {
  readonly row?: keyof Words["rows"];
  readonly lines: readonly Line[];
}

/** Where links of the dashboards lead; without an address there is no link. */
export interface Addresses {
  readonly runbook?: string | undefined;
  /** The collector's pages. */
  readonly collector?: string | undefined;
}

export interface FrameOptions extends Addresses {
  readonly words: Words;
  /** The range first shown, e.g. `now-7d`. */
  readonly from: string;
}

/** What all dashboards have in common: data source and variables, links, annotations, and panels in lines from top to bottom. */
export const framed = (
  name: DashboardName,
  variables: readonly VariableName[],
  sections: readonly Section[],
  { words, from, runbook }: FrameOptions,
): Dashboard => {
  const { title, description } = words.dashboards[name];
  const dashboard = new DashboardBuilder(title)
    .uid(UIDS[name])
    .description(description)
    .tags([TAG, "kms", "licensing"])
    .time({ from, to: "now" })
    .timezone("browser")
    .refresh("1m")
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([dataSource(words), ...variables.map((it) => variable(it, words))])
    .annotations(annotations(name, words))
    .links(links(words, runbook));
  arrange(dashboard, sections, words);
  // 41 is what Grafana 12.0 writes; later ones migrate it by themselves.
  return { ...dashboard.build(), schemaVersion: 41 };
};

const COLUMNS = 24;

const arrange = (dashboard: DashboardBuilder, sections: readonly Section[], words: Words): void => {
  let y = 0;
  let id = 0;
  const nextId = (): number => {
    id += 1;
    return id;
  };
  for (const { row, lines } of sections) {
    if (row) {
      dashboard.withRow(new RowBuilder(words.rows[row]).id(nextId()).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
      y += 1;
    }
    for (const { height, panels } of lines) {
      let x = 0;
      for (const { width, panel } of panels) {
        dashboard.withPanel(at(panel, nextId(), { x, y, w: width, h: height }));
        x += width;
      }
      y += height;
    }
  }
};

const at = (panel: Builder<Panel>, id: number, gridPos: Panel["gridPos"] & {}): Builder<Panel> => ({
  build: () => ({ ...panel.build(), id, gridPos }),
});

const dataSource = (words: Words) =>
  new DatasourceVariableBuilder("datasource").label(words.variables.datasource).type("prometheus");

export type VariableName = "zone" | "kms_host" | "product_class";
const VARIABLES: Readonly<Record<VariableName, readonly [metric: Metric, selector: string]>> = {
  zone: [F.computers, ""],
  kms_host: [K.knownUntil, 'zone=~"$zone"'],
  product_class: [K.thresholdReached, 'zone=~"$zone",kms_host=~"$kms_host"'],
};

const variable = (name: VariableName, words: Words): QueryVariableBuilder => {
  const [metric, selector] = VARIABLES[name];
  const query = `label_values(${series(metric, selector)}, ${name})`;
  return new QueryVariableBuilder(name)
    .label(words.variables[name])
    .datasource(DATASOURCE)
    .query({ qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery" })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ text: "All", value: "$__all" });
};

/** All dashboards are one menu, so that the variables and the time stay in one line at 1280 pixels. */
const links = (words: Words, runbook: string | undefined): DashboardLinkBuilder[] => [
  new DashboardLinkBuilder(words.links.dashboards)
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .icon("dashboard")
    .keepTime(true)
    .includeVars(true),
  ...(runbook
    ? [
        new DashboardLinkBuilder(words.links.runbook)
          .type(DashboardLinkType.Link)
          .icon("doc")
          .url(runbook)
          .targetBlank(true),
      ]
    : []),
];
