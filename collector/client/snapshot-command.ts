import { VERSION } from "../../config/version.ts";
import { iso } from "../../licensing/time.ts";
import type { ComputerItem } from "../summary/computer-item.ts";
import { type ApiOptions, apiFrom } from "./api-client.ts";
import { type CheckedFile, newCheckedFile } from "./checked-file.ts";
import { csvLine, SNAPSHOT_COLUMNS, type SnapshotRow, snapshotRows } from "./snapshot-rows.ts";

export interface SnapshotOptions extends ApiOptions {
  readonly out: string;
  readonly format: "csv" | "json";
}

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

/** So many computers between two reports of progress. */
const PROGRESS = 1_000;

/**
 * `collector snapshot`: the license state of every computer at one date, with a checksum, from a running collector. Computers
 * come page by page and are written at once, so that memory does not grow with their number.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error when the collector does not answer, the file exists, or the user interrupts it: then
 * nothing is left under the name.
 */
export const takeSnapshot = async (options: SnapshotOptions, { out, err, signal }: Streams): Promise<number> => {
  const api = apiFrom(options);
  const file = newCheckedFile(options.out);
  const clear = err.isTTY === true ? "\r\u001b[K" : "";
  const takenAt = iso(Date.now());
  try {
    const format = FORMATS[options.format](file, takenAt);
    let computers = 0;
    let retired = 0;
    let rows = 0;
    for await (const computer of api.all<ComputerItem>("/api/v1/computers", {})) {
      signal.throwIfAborted();
      const written = snapshotRows(computer, takenAt);
      for (const it of written) format.row(it);
      rows += written.length;
      if (written.length > 0) computers += 1;
      else retired += 1;
      if (clear && (computers + retired) % PROGRESS === 0) err.write(`${clear}${computers + retired} computers`);
    }
    format.end();
    const sum = file.finish();
    const left = retired > 0 ? `, ${retired} retired left out` : "";
    if (clear) err.write(clear);
    out.write(`${options.out}: ${computers} computers, ${rows} rows${left}, SHA-256 ${sum}\n`);
    return 0;
  } catch (cause) {
    file.abandon();
    if (clear) err.write(clear);
    throw signal.aborted ? new Error(`${options.out} was not written: interrupted.`, { cause }) : cause;
  }
};

interface Format {
  row(row: SnapshotRow): void;
  end(): void;
}

const FORMATS: Readonly<Record<SnapshotOptions["format"], (file: CheckedFile, takenAt: string) => Format>> = {
  csv: (file) => {
    file.write(csvLine(SNAPSHOT_COLUMNS));
    return {
      row: (row) => file.write(csvLine(SNAPSHOT_COLUMNS.map((it) => row[it]))),
      end: () => {},
    };
  },
  json: (file, takenAt) => {
    let separator = "\n";
    file.write(`{"taken_at":"${takenAt}","program_version":"${VERSION}","items":[`);
    return {
      row: ({ taken_at: _, ...row }) => {
        file.write(separator + JSON.stringify(withoutEmpty(row)));
        separator = ",\n";
      },
      end: () => file.write("\n]}\n"),
    };
  },
};

const withoutEmpty = (row: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ""));
