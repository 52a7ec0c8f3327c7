import type { NameUse } from "../../licensing/kms/duplicates.ts";

/** What a transaction knows of one client machine ID. */
export interface ChangedId {
  /** Computers whose own WMI told it. */
  readonly computers: Set<string>;
  readonly uses: NameUse[];
  /** Uses that were looked for among the stored requests. */
  readonly found: NameUse[];
}

/** Client machine IDs whose names a transaction may have changed. */
export class ChangedIds {
  readonly #ids = new Map<string, ChangedId>();

  add(id: string, { computer, use, found }: { computer?: string; use?: NameUse; found?: NameUse } = {}): void {
    const changed = this.#ids.get(id) ?? { computers: new Set(), uses: [], found: [] };
    if (computer !== undefined) changed.computers.add(computer);
    if (use) changed.uses.push(use);
    if (found) changed.found.push(found);
    this.#ids.set(id, changed);
  }

  get(id: string): ChangedId {
    return this.#ids.get(id)!;
  }

  ids(): string[] {
    return [...this.#ids.keys()];
  }
}
