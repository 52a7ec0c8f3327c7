import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";

/** A built panel, as its JSON is. */
export interface BuiltPanel {
  readonly title: string;
  readonly description: string;
  readonly type: string;
  readonly repeat?: string;
  readonly datasource: object;
  readonly targets: readonly {
    readonly expr: string;
    readonly refId: string;
    readonly range?: boolean;
    readonly legendFormat?: string;
  }[];
  readonly fieldConfig: { readonly defaults: { readonly unit: string; readonly noValue?: string } };
}

export const allPanels = (dashboard: Dashboard): BuiltPanel[] =>
  dashboard.panels!.filter((it) => it.type !== "row") as unknown as BuiltPanel[];

export const expressionsOf = (dashboard: Dashboard): { panel: string; expr: string; range: boolean }[] =>
  allPanels(dashboard).flatMap((panel) =>
    panel.targets.map(({ expr, range }) => ({ panel: panel.title, expr, range: range === true })),
  );

export const variableQueries = (dashboard: Dashboard): string[] =>
  dashboard.templating.list!.filter((it) => it.type === "query").map((it) => it.definition!);
