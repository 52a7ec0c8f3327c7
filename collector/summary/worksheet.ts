import type { ProductClass } from "../../licensing/kms/rules.ts";
import type { ZoneKind } from "../../licensing/planning.ts";
import type { PlanningSentences } from "../../licensing/planning-sentences.ts";
import { hourOf, type Instant } from "../../licensing/time.ts";
import {
  CRITERIA,
  CRITERION_WORDS,
  type Criterion,
  type Method,
  type MethodCounts,
  methodOf,
  type Worksheet,
  worksheetFinding,
  worksheetOf,
} from "../../licensing/worksheet.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { Sums } from "../store/sums.ts";
import type { AgentlessZone } from "./agentless-counts.ts";
import type { InventoryReading } from "./inventory.ts";

export interface WorksheetSettings {
  readonly zones: readonly { readonly name: string; readonly kind: ZoneKind }[];
  readonly inventory: (() => InventoryReading) | undefined;
}

export interface ZoneWorksheet {
  readonly zone: string;
  readonly kind: ZoneKind;
  readonly rows: Worksheet;
  readonly finding?: string;
}

/** Table 2 for every zone that has computers, by configuration, by the inventory or by what is known. A zone without a kind is taken for core. */
export const worksheets = (
  sums: Sums,
  unmanaged: ReadonlyMap<string, AgentlessZone>,
  { zones, inventory }: WorksheetSettings,
  now: Instant,
  say?: PlanningSentences,
): { zones: ZoneWorksheet[]; problem?: string } => {
  const { computers, problem } = inventory?.() ?? { computers: undefined };
  const methods = methodsByZone(sums, unmanaged, now);
  const kinds = new Map(zones.map((it) => [it.name, it.kind]));
  const names = [...new Set([...kinds.keys(), ...methods.keys(), ...(computers?.keys() ?? [])])].sort();
  return {
    zones: names.map((zone) => {
      const kind = kinds.get(zone) ?? "core";
      const total = computers && (computers.get(zone) ?? 0);
      const rows = worksheetOf(kind, methods.get(zone) ?? {}, total);
      const finding = worksheetFinding(rows, total, say);
      return { zone, kind, rows, ...(finding && { finding }) };
    }),
    ...(problem && { problem }),
  };
};

/** An activation that has run out, to the hour, is none any more: its computer has not connected for 180 days. */
const methodsByZone = (
  sums: Sums,
  unmanaged: ReadonlyMap<string, AgentlessZone>,
  now: Instant,
): Map<string, MethodCounts> => {
  const zones = new Map<string, Partial<Record<ProductClass, Record<Method, number>>>>();
  const add = (zone: string, productClass: ProductClass, method: Method, by: number) => {
    const classes = zones.get(zone) ?? {};
    const counts = classes[productClass] ?? { kms: 0, mak: 0, none: 0 };
    counts[method] += by;
    zones.set(zone, { ...classes, [productClass]: counts });
  };
  for (const { labels, sum } of sums.of("method")) {
    const [zone, method, until, productClass] = labels as [string, Method, string, ProductClass];
    add(zone, productClass, until !== "" && Number(until) < hourOf(now) ? "none" : method, sum);
  }
  for (const [zone, { classes, refused }] of unmanaged) {
    for (const [productClass, count] of classes) add(zone, productClass, "kms", count);
    for (const it of refused) {
      const activated = methodOf(computerOf(it.state).licenses);
      if (activated?.method !== "none") continue;
      add(zone, activated.productClass, "kms", -1);
      add(zone, activated.productClass, "none", 1);
    }
  }
  return zones;
};

/** What `GET /api/v1/worksheet` answers. */
export interface WorksheetAnswer {
  readonly items: readonly {
    readonly zone: string;
    readonly kind: string;
    readonly rows: readonly {
      readonly row: number;
      readonly criterion: Criterion;
      readonly words: string;
      readonly method: string;
      readonly computers: number;
    }[];
    readonly finding?: string;
  }[];
  readonly next_cursor: null;
  readonly problem?: string;
}

export const worksheetAnswer = ({ zones, problem }: ReturnType<typeof worksheets>): WorksheetAnswer => ({
  items: zones.map(({ zone, kind, rows, finding }) => ({
    zone,
    kind,
    rows: CRITERIA.map(({ row, criterion, method }) => ({
      row,
      criterion,
      words: CRITERION_WORDS[criterion],
      method,
      computers: rows[criterion],
    })),
    ...(finding && { finding }),
  })),
  next_cursor: null,
  ...(problem && { problem }),
});
