import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { saveAtomically } from "./atomic-write.ts";

/** Only the agent's account reads what it keeps. */
export const ONLY_OWNER = 0o600;

type Members = Readonly<Record<string, unknown>>;

/** Replaces a file by a JSON object that holds its own checksum. @throws Error of the file system. */
export const saveChecked = (file: string, members: Members): void =>
  saveAtomically(file, JSON.stringify({ ...members, checksum: checksumOf(members) }), ONLY_OWNER);

export type Checked =
  | { readonly state: "missing" | "damaged" }
  /** `checked` is absent where the file has no checksum: an earlier version wrote it, or a person. */
  | { readonly state: "read"; readonly members: Members; readonly checked?: true };

/**
 * Reads what `saveChecked` wrote. A power cut or a bad sector leaves files that are cut off, zeros, or a few bits away from
 * what was written; the last would be believed without a checksum.
 *
 * @throws Error of the file system, when the file is there and reading it is not permitted.
 */
export const readChecked = (file: string): Checked => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return { state: "missing" };
    if (code === "EIO" || code === "EISDIR") return { state: "damaged" };
    throw cause;
  }
  const value = parsed(text);
  if (!value) return { state: "damaged" };
  if (!("checksum" in value)) return { state: "read", members: value };
  const { checksum, ...members } = value;
  return checksum === checksumOf(members) ? { state: "read", members, checked: true } : { state: "damaged" };
};

const checksumOf = (members: Members): string => crc32(JSON.stringify(members)).toString(16).padStart(8, "0");

const parsed = (text: string): Members | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
};
