import type { ComputerItem, LicenseItem } from "../summary/computer-item.ts";

/** One license of one computer at the date of a snapshot; without license data, one row that names the computer. */
export interface SnapshotRow {
  readonly taken_at: string;
  readonly computer: string;
  readonly zone: string;
  readonly application: string;
  readonly product: string;
  readonly edition: string;
  readonly channel: string;
  readonly status: string;
  readonly deadline: string;
  readonly deadline_kind: string;
  /** `yes` for the license that speaks for the computer's application. */
  readonly primary: string;
  readonly source: ComputerItem["source"];
  readonly last_seen: string;
}

export const SNAPSHOT_COLUMNS = [
  "taken_at",
  "computer",
  "zone",
  "application",
  "product",
  "edition",
  "channel",
  "status",
  "deadline",
  "deadline_kind",
  "primary",
  "source",
  "last_seen",
] as const satisfies readonly (keyof SnapshotRow)[];

/** The rows of one computer; none for a retired one (docs/counting-rules.md, "Retired means gone"). */
export const snapshotRows = (computer: ComputerItem, takenAt: string): SnapshotRow[] => {
  if (computer.retired) return [];
  const { licenses } = computer;
  return licenses.length === 0
    ? [rowOf(computer, undefined, takenAt)]
    : licenses.map((it) => rowOf(computer, it, takenAt));
};

const rowOf = (computer: ComputerItem, license: LicenseItem | undefined, takenAt: string): SnapshotRow => ({
  taken_at: takenAt,
  computer: computer.computer,
  zone: computer.zone,
  application: license?.application ?? "",
  product: license?.product ?? "",
  edition: editionOf(license?.name ?? ""),
  channel: license?.channel ?? "",
  status: license?.status ?? "",
  deadline: license?.deadline ?? "",
  deadline_kind: license?.deadline_kind ?? "",
  primary: license === undefined ? "" : license.primary ? "yes" : "no",
  source: computer.source,
  last_seen: computer.last_seen,
});

/** `Windows(R), ServerStandard edition` → `ServerStandard`; a name in no such form stays as it is. */
const editionOf = (name: string): string => /,\s*(\S.*?) edition$/.exec(name)?.[1] ?? name;

/** A line of CSV (RFC 4180). Text that a spreadsheet would take for a formula begins with an apostrophe. */
export const csvLine = (values: readonly string[]): string => `${values.map(csvField).join(",")}\r\n`;

const csvField = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
