import { spawnSync } from "node:child_process";

/** `.evtx` files begin so. */
export const isEvtx = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 7)).toString("latin1") === "ElfFile";

const OUTPUT_MAX = 1024 ** 3;

export interface Exported {
  readonly xml: Uint8Array;
  /** evtxexport ends at the first record that it cannot read: why, and how many it had read. */
  readonly incomplete?: string;
}

/**
 * The event XML of an `.evtx` file, by libevtx' evtxexport: the EVTX parsers of the npm registry lose records.
 *
 * @throws Error that tells how to get the tool, or what it said.
 */
export const exportEvtx = (file: string): Exported => {
  const child = spawnSync("evtxexport", ["-f", "xml", file], { maxBuffer: OUTPUT_MAX, timeout: 600_000 });
  if ((child.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
    throw new Error(
      "reading .evtx needs the program evtxexport, which is not on the PATH; install it (Debian: apt-get install libevtx-utils), or export the log as XML in Event Viewer",
    );
  if (child.error) throw new Error(`evtxexport failed: ${child.error.message}`, { cause: child.error });
  // What stands before the first event is the tool's own name; an empty log has nothing else.
  const first = child.stdout.indexOf("<Event");
  const xml = first < 0 ? new Uint8Array() : child.stdout.subarray(first);
  if (child.status === 0) return { xml };
  const record = /unable to retrieve record(?: values)?: (\d+)/.exec(child.stderr.toString())?.[1];
  if (record === undefined) throw new Error(`evtxexport failed: ${lastLine(child.stderr)}`);
  return {
    xml,
    incomplete: `evtxexport could not read record ${Number(record) + 1} of the file, and none after it; the ${record} before it are given. Export the log as XML in Event Viewer to get the others`,
  };
};

const lastLine = (bytes: Buffer): string => bytes.toString().trim().split("\n").at(-1)?.slice(0, 300) ?? "";
