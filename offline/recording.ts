import { readFileSync } from "node:fs";
import { type Exported, exportEvtx, isEvtx } from "./evtx.ts";

/** The events of a file as text: XML and NDJSON as they are, `.evtx` through evtxexport. */
export const recordingIn = (file: string): Exported => {
  const bytes = readFileSync(file);
  return isEvtx(bytes) ? exportEvtx(file, bytes) : { xml: bytes };
};

/** Why a file could not be read, to follow its name. */
export const fileFailure = (cause: NodeJS.ErrnoException): string => {
  if (cause.code === "ENOENT") return "there is no such file";
  if (cause.code === "EISDIR") return "it is a directory; name the files in it";
  if (cause.code === "EACCES") return "reading it is not permitted";
  if (cause.code === "ERR_FS_FILE_TOO_LARGE" || cause.code === "ERR_STRING_TOO_LONG" || cause.code === "ENOBUFS")
    return "it is too large to be read at once; export the licensing events only (wevtutil qe with a query), or in parts";
  return cause.message;
};
