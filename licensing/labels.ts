import { redactKeys } from "./product-keys.ts";

/** What a label may hold besides letters and digits. No quotes, no signs of HTML; nothing that is not seen or turns the direction of writing. */
const NOT_SHOWN = /[^\p{L}\p{N}\p{M} .,:;_+()[\]{}/\\@#*%=~!?$|\u00ae\u2122\u00b0-]/gu;

/**
 * A text that a sender chose, as it may become a label, a line of a log or a part of a page: without product keys, without
 * control characters, writing directions and HTML, and bounded.
 */
export const labelText = (text: string, lengthMax = 100): string =>
  redactKeys(text.slice(0, 4 * lengthMax))
    .replaceAll(NOT_SHOWN, "\ufffd")
    .slice(0, lengthMax);
