import type { Instant } from "../../licensing/time.ts";
import type { ComputerState } from "../state/computer.ts";
import type { ComputerRow, Reader } from "../store/store.ts";
import { type ComputerItem, computerItem } from "../summary/computer-item.ts";
import type { Page } from "./lists.ts";

export interface ComputersQuery {
  readonly zone?: string | undefined;
  readonly status?: string | undefined;
  readonly channel?: string | undefined;
  readonly deadlineBefore?: Instant | undefined;
  readonly q?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const PAGE = 250;
/** One answer holds so much of stored states at most; the cursor goes on from there. */
const STATES_BYTES_MAX = 8 * 1024 * 1024;
/** One request looks at so many rows at most; the cursor goes on from there. */
const ROWS_MAX = 20_000;

/** The computers that match, in the order of their names. */
export const findComputers = async (reader: Reader, query: ComputersQuery): Promise<Page<ComputerItem>> => {
  const items: ComputerItem[] = [];
  let after = query.cursor ?? "";
  let bytes = 0;
  for (let looked = 0; looked < ROWS_MAX; looked += PAGE) {
    const rows = await reader.computers({ after, limit: PAGE });
    for (const row of rows) {
      after = row.key;
      if (!matches(row, query)) continue;
      items.push(computerItem(row));
      bytes += row.state.length;
      if (items.length === query.limit || bytes > STATES_BYTES_MAX) return { items, next_cursor: after };
    }
    if (rows.length < PAGE) return { items, next_cursor: null };
  }
  return { items, next_cursor: after };
};

const matches = (row: ComputerRow, { zone, status, channel, deadlineBefore, q }: ComputersQuery): boolean => {
  if (zone !== undefined && row.zone !== zone) return false;
  if (deadlineBefore !== undefined && (row.deadline === null || row.deadline >= deadlineBefore)) return false;
  if (q !== undefined && !row.key.includes(q.toLowerCase())) return false;
  if (status === undefined && channel === undefined) return true;
  return (JSON.parse(row.state) as ComputerState).licenses.some(
    (it) => (status === undefined || it.status === status) && (channel === undefined || it.channel === channel),
  );
};
