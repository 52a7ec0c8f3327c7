import { CHANNEL_CODES } from "./channel-codes.ts";
import type { CodeRow, EventRow } from "./code-row.ts";
import { EVENTS } from "./events.ts";
import { KEY_CODES } from "./key-codes.ts";
import { KMS_CODES } from "./kms-codes.ts";
import { LICENSE_CODES } from "./license-codes.ts";

/** Every result code that the product knows: names from slerror.h, causes from Microsoft's pages (each row has its source). */
export const CODES: readonly CodeRow[] = [...KMS_CODES, ...KEY_CODES, ...LICENSE_CODES, ...CHANNEL_CODES];

const BY_CODE: ReadonlyMap<string, CodeRow> = new Map(CODES.map((it) => [it[0], it]));

/** @param code eight upper-case hexadecimal digits, without `0x`. */
export const codeRow = (code: string): CodeRow | undefined => BY_CODE.get(code);

const EVENT_BY_ID: ReadonlyMap<number, EventRow> = new Map(EVENTS.map((it) => [it[0], it]));

export const eventRow = (id: number): EventRow | undefined => EVENT_BY_ID.get(id);
