import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EvtxLayout, evtxLayout } from "./evtx-layout.ts";

/** `.evtx` files begin so. */
export const isEvtx = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 7)).toString("latin1") === "ElfFile";

const OUTPUT_MAX = 1024 ** 3;
const TIMEOUT_MS = 600_000;

export interface Exported {
  readonly xml: Uint8Array;
  /** Why these are not all events of the file, and how many are missing. */
  readonly incomplete?: string;
}

/**
 * The event XML of an `.evtx` file, by libevtx' evtxexport: the EVTX parsers of the npm registry lose records. What it passes
 * over without a word is found by the record numbers in the file's own headers.
 *
 * @throws Error that tells how to get the tool, or what it said.
 */
export const exportEvtx = (file: string, bytes: Buffer = readFileSync(file)): Exported => {
  const layout = evtxLayout(bytes);
  if (!layout) return withoutLayout(run(file, "items"));
  const folder = mkdtempSync(join(tmpdir(), "activation-monitor-"));
  try {
    const copy = join(folder, "copy.evtx");
    if (layout.repaired) writeFileSync(copy, layout.repaired, { mode: 0o600 });
    const first = run(layout.repaired ? copy : file, "items");
    const xml = eventsOf(first);
    if (countOf(xml) >= layout.events && layout.present === layout.chunks) return withoutLayout(first);
    const singly = chunkByChunk(copy, layout);
    const best = countOf(singly) > countOf(xml) ? singly : xml;
    if (best.length === 0) failureOf(first);
    return { xml: best, incomplete: missingText(layout.events - countOf(best), layout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const withoutLayout = (child: SpawnSyncReturns<Buffer>): Exported => {
  const incomplete = failureOf(child);
  return { xml: eventsOf(child), ...(incomplete !== undefined && { incomplete }) };
};

/** Damage ends where its chunk ends; and records whose chunk is damaged lie there still. */
const chunkByChunk = (copy: string, layout: EvtxLayout): Buffer => {
  const parts: Buffer[] = [];
  for (const single of layout.singly()) {
    writeFileSync(copy, single, { mode: 0o600 });
    parts.push(eventsOf(run(copy, "all")));
  }
  return Buffer.concat(parts);
};

const missingText = (missing: number, { events, chunks, present }: EvtxLayout): string => {
  const what =
    missing > 0
      ? `${missing} of its ${events} events are missing (evtxexport could read ${present} of ${chunks} chunks, or parts of them)`
      : `${chunks - present} of ${chunks} chunks cannot be read, and nothing tells how many events they held`;
  return `it is cut off or damaged: ${what}; those that are there are given. Copy it again, or export the log anew`;
};

const run = (file: string, mode: "items" | "all"): SpawnSyncReturns<Buffer> => {
  const child = spawnSync("evtxexport", ["-m", mode, "-f", "xml", file], {
    maxBuffer: OUTPUT_MAX,
    timeout: TIMEOUT_MS,
  });
  const { code } = (child.error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOENT")
    throw new Error(
      "reading .evtx needs the program evtxexport, which is not on the PATH; install it (Debian: apt-get install libevtx-utils), or export the log as XML in Event Viewer",
    );
  if (code === "ENOBUFS") throw child.error!;
  return child;
};

/** What stands before the first event is the tool's own name; an empty log has nothing else. */
const eventsOf = ({ stdout }: SpawnSyncReturns<Buffer>): Buffer => {
  const first = stdout.indexOf("<Event");
  return first < 0 ? Buffer.alloc(0) : stdout.subarray(first);
};

const countOf = (xml: Buffer): number => {
  let count = 0;
  for (let at = xml.indexOf("<Event "); at >= 0; at = xml.indexOf("<Event ", at + 7)) count += 1;
  return count;
};

/** evtxexport ends at the first record that it cannot read: why, and how many it had read. */
const failureOf = (child: SpawnSyncReturns<Buffer>): string | undefined => {
  if (child.status === 0) return undefined;
  const record = /unable to retrieve record(?: values)?: (\d+)/.exec(child.stderr.toString())?.[1];
  if (record !== undefined)
    return `evtxexport could not read record ${Number(record) + 1} of the file, and none after it; the ${record} before it are given. Export the log as XML in Event Viewer to get the others`;
  const why = child.error?.message ?? (child.signal ? `it was ended by ${child.signal}` : lastLine(child.stderr));
  if (eventsOf(child).length === 0) throw new Error(`evtxexport failed: ${why}`);
  return `evtxexport failed before the file's end (${why}); the events that it had read are given. Export the log as XML in Event Viewer to get the others`;
};

const lastLine = (bytes: Buffer): string => bytes.toString().trim().split("\n").at(-1)?.slice(0, 300) ?? "";
