import { readFileSync } from "node:fs";
import { type Exported, exportEvtx, isEvtx } from "./evtx.ts";

/** The events of a file as text: XML and NDJSON as they are, `.evtx` through evtxexport. */
export const recordingIn = (file: string): Exported => {
  const bytes = readFileSync(file);
  return isEvtx(bytes) ? exportEvtx(file, bytes) : { xml: bytes };
};
