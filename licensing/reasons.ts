import { codeRow } from "./codes/catalog.ts";
import { REASONS, type Reason } from "./codes/code-row.ts";

export { REASONS, type Reason };

/** Why an activation failed, by the table of codes. @param hresult `0x` and eight upper-case digits, as events give it. */
export const reasonOf = (hresult: string): Reason => codeRow(hresult.slice(2).toUpperCase())?.[2] ?? "other";

/** The request never got an answer, so it says nothing about the license: no KMS host found, or none that listens. */
export const isUnreachable = (reason: Reason): boolean => reason === "host_unreachable" || reason === "dns";
