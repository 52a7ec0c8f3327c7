import type { Instant } from "../../licensing/time.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { ComputerRow, Reader } from "../store/store.ts";
import { type ComputerItem, computerItem } from "../summary/computer-item.ts";
import type { Page } from "./lists.ts";

export interface ComputersQuery {
  readonly zone?: string | undefined;
  readonly status?: string | undefined;
  readonly channel?: string | undefined;
  /** With it, the list is in the order of deadlines. */
  readonly deadlineBefore?: Instant | undefined;
  /** Part of the name. */
  readonly q?: string | undefined;
  readonly limit: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** Rows of one read. */
const READ = 250;
/**
 * One query looks at so many rows at most, so that reports and other queries have their turn: some 20 ms. Its cursor says how
 * far it looked, also where nothing matched.
 */
export const ROWS_MAX = 2_000;
/** One read takes so much of stored states at most, and one answer holds so much. */
const READ_BYTES_MAX = 4 * 1024 * 1024;
const STATES_BYTES_MAX = 8 * 1024 * 1024;

/** The computers that match: by name, or by deadline where deadlines are asked for. */
export const findComputers = async (reader: Reader, query: ComputersQuery): Promise<Page<ComputerItem>> => {
  const items: ComputerItem[] = [];
  let bytes = 0;
  let cursor = query.cursor;
  const isMatch = matcher(query);
  for (let looked = 0; looked < ROWS_MAX; ) {
    const rows = await (query.deadlineBefore === undefined
      ? rowsByName(reader, cursor)
      : rowsByDeadline(reader, query.deadlineBefore, cursor));
    for (const { row, at } of rows) {
      cursor = at;
      if (!row || !isMatch(row)) continue;
      items.push(computerItem(row));
      bytes += row.state.length;
      if (items.length === query.limit || bytes > STATES_BYTES_MAX) return { items, next_cursor: at };
    }
    if (rows.length === 0) return { items, next_cursor: null };
    looked += rows.length;
  }
  return { items, next_cursor: cursor ?? null };
};

/** A row that is looked at, and the cursor that goes on behind it. */
interface Looked {
  readonly row: ComputerRow | undefined;
  readonly at: string;
}

const rowsByName = async (reader: Reader, cursor = ""): Promise<Looked[]> =>
  (await reader.computers({ after: cursor, limit: READ, bytes: READ_BYTES_MAX })).map((row) => ({ row, at: row.key }));

/** Its cursors are the deadline and the name: `1795811883030 pc1.contoso.com`. */
export const DEADLINE_CURSOR = /^(-?\d{1,16}) (\S{1,253})$/;

const rowsByDeadline = async (reader: Reader, until: Instant, cursor = ""): Promise<Looked[]> => {
  const [, from, after] = DEADLINE_CURSOR.exec(cursor) ?? [];
  const found = await reader.computersByDeadline({
    from: from === undefined ? Number.MIN_SAFE_INTEGER : Number(from),
    until,
    ...(after !== undefined && { after }),
    limit: READ,
  });
  const looked: Looked[] = [];
  let bytes = 0;
  for (const { key, deadline } of found) {
    const row = await reader.computer(key);
    looked.push({ row, at: `${deadline} ${key}` });
    bytes += row?.state.length ?? 0;
    if (bytes > READ_BYTES_MAX) break;
  }
  return looked;
};

const matcher = ({ zone, status, channel, q }: ComputersQuery): ((row: ComputerRow) => boolean) => {
  const part = q?.toLowerCase();
  // Reading a state costs more than finding out that it does not have the words.
  const words = [status, channel].flatMap((it) => (it === undefined ? [] : [JSON.stringify(it)]));
  return (row) => {
    if (zone !== undefined && row.zone !== zone) return false;
    if (part !== undefined && !row.key.includes(part)) return false;
    if (words.length === 0) return true;
    if (!words.every((it) => row.state.includes(it))) return false;
    return computerOf(row.state).licenses.some(
      (it) => (status === undefined || it.status === status) && (channel === undefined || it.channel === channel),
    );
  };
};
