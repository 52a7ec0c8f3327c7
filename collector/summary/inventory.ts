import { readFileSync, statSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { nameKey } from "../../licensing/names.ts";
import { UNASSIGNED, ZONE_NAME } from "../../licensing/zones.ts";

/** Computers by zone. */
export type Inventory = ReadonlyMap<string, number>;

export interface InventoryReading {
  readonly computers: Inventory;
  /** Why the file could not be read again; what was read last stays good. */
  readonly problem?: string;
}

/**
 * How many computers each zone has by AD or a CMDB, from a CSV file with a header: `zone,computers` (a number a zone), or
 * `computer,zone` (a computer a line; other columns do not matter; one that is listed twice counts once). Of more than 100 zones
 * the smallest are counted together. The file is read again when it changes.
 *
 * @throws Error with file, row and remedy, when it cannot be read at the start.
 */
export const inventoryIn = (
  file: string,
  zoneOf: (computer: string, said?: string) => string,
): (() => InventoryReading) => {
  let changedAt = Number.NaN;
  const read = (): InventoryReading => {
    changedAt = statSync(file).mtimeMs;
    return { computers: readInventory(file, readFileSync(file, "utf8"), zoneOf) };
  };
  let known = atStart(file, read);
  return () => {
    try {
      if (statSync(file).mtimeMs !== changedAt) known = read();
    } catch (cause) {
      known = { ...known, problem: (cause as Error).message };
    }
    return known;
  };
};

const atStart = (file: string, read: () => InventoryReading): InventoryReading => {
  try {
    return read();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new Error(`inventory.file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

/** @throws Error with file, line and remedy. */
export const readInventory = (
  file: string,
  text: string,
  zoneOf: (computer: string, said?: string) => string,
): Inventory => {
  const rows = rowsOf(file, text);
  const columns = new Set(Object.keys(rows[0] ?? {}));
  const counted = columns.has("zone") && columns.has("computers");
  if (!counted && !columns.has("computer"))
    throw new Error(`${file}: the first line must name the columns zone,computers or computer,zone.`);
  const inventory = new Map<string, number>();
  const listed = new Set<string>();
  rows.forEach((row, i) => {
    const mistake = (what: string) => new Error(`${file}, row ${i + 1}: ${what}`);
    const said = row.zone?.trim() || undefined;
    if (said !== undefined && !ZONE_NAME.test(said)) throw mistake(`"${said.slice(0, 60)}" is no name of a zone`);
    if (counted) {
      if (!/^\d{1,8}$/.test(row.computers?.trim() ?? "")) throw mistake("computers must be a whole number");
      add(inventory, said ?? UNASSIGNED, Number(row.computers));
      return;
    }
    const written = row.computer?.trim();
    if (!written) throw mistake("computer is empty");
    const computer = nameKey(written) ?? written.toLowerCase();
    if (listed.has(computer)) return;
    listed.add(computer);
    // Not by way of what it says itself: an inventory's zones take no place of a zone that a computer is in.
    const configured = zoneOf(computer);
    add(inventory, configured === UNASSIGNED ? (said ?? UNASSIGNED) : configured, 1);
  });
  return largest(inventory);
};

const add = (inventory: Map<string, number>, zone: string, computers: number): void => {
  inventory.set(zone, (inventory.get(zone) ?? 0) + computers);
};

/** Zones become labels: the largest keep their names, the others are counted together. */
const ZONES_MAX = 100;
const OTHER_ZONES = "other";

const largest = (inventory: Map<string, number>): Inventory => {
  if (inventory.size <= ZONES_MAX) return inventory;
  const bySize = [...inventory].toSorted(([zoneA, a], [zoneB, b]) => b - a || (zoneA < zoneB ? -1 : 1));
  const bounded = new Map(bySize.slice(0, ZONES_MAX - 1));
  for (const [, computers] of bySize.slice(ZONES_MAX - 1)) add(bounded, OTHER_ZONES, computers);
  return bounded;
};

const rowsOf = (file: string, text: string): Readonly<Record<string, string>>[] => {
  try {
    return parse(text, {
      bom: true,
      columns: (header: string[]) => header.map((it) => it.trim().toLowerCase()),
      delimiter: [",", ";", "\t"],
      skip_empty_lines: true,
    });
  } catch (cause) {
    throw new Error(`${file}: not CSV: ${(cause as Error).message}`, { cause });
  }
};
