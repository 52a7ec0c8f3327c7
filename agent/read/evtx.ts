import { spawnSync } from "node:child_process";

/** `.evtx` files begin so. */
export const isEvtx = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 7)).toString("latin1") === "ElfFile";

const OUTPUT_MAX = 1024 ** 3;

/**
 * The event XML of an `.evtx` file, by libevtx' evtxexport: the EVTX parsers of the npm registry lose records.
 *
 * @throws Error that tells how to get the tool, or what it said.
 */
export const exportEvtx = (file: string): Uint8Array => {
  const child = spawnSync("evtxexport", ["-f", "xml", file], { maxBuffer: OUTPUT_MAX, timeout: 600_000 });
  if ((child.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
    throw new Error(
      "reading .evtx needs the program evtxexport, which is not on the PATH; install it (Debian: apt-get install libevtx-utils), or export the log as XML in Event Viewer",
    );
  if (child.error) throw new Error(`evtxexport failed: ${child.error.message}`, { cause: child.error });
  if (child.status !== 0) throw new Error(`evtxexport failed: ${lastLine(child.stderr)}`);
  return child.stdout;
};

const lastLine = (bytes: Buffer): string => bytes.toString().trim().split("\n").at(-1)?.slice(0, 300) ?? "";
