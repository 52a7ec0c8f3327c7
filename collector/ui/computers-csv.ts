import type { ComputerItem } from "../summary/computer-item.ts";

const HEAD = [
  "computer",
  "zone",
  "os",
  "last_seen",
  "product",
  "channel",
  "status",
  "reason",
  "deadline",
  "kms_host",
  "partial_product_key",
  "agent_version",
] as const;
export const CSV_HEAD = `${HEAD.join(",")}\r\n`;

/** One line for each license of a computer, and one line for a computer without. */
export const csvLines = (it: ComputerItem): string =>
  (it.licenses.length === 0 ? [undefined] : it.licenses)
    .map((license) =>
      [
        it.computer,
        it.zone,
        it.os,
        it.last_seen,
        license?.product,
        license?.channel,
        license?.status,
        license?.reason,
        license?.deadline,
        license?.kms_host ?? it.asked_kms_host?.name,
        license?.partial_product_key,
        it.agent_version,
      ]
        .map(cell)
        .join(","),
    )
    .map((line) => `${line}\r\n`)
    .join("");

/** RFC 4180. A spreadsheet must not take a name for a formula. */
const cell = (text = ""): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
