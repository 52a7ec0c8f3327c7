/** A call of Windows that failed: which one, with what code. The caller handles the codes that it expects. */
export class WindowsError extends Error {
  readonly call: string;
  readonly code: number;
  constructor(call: string, code: number) {
    const text = codeText(code);
    super(`${call}: ${text}${MEANING[text] ? `, ${MEANING[text]}` : ""}`);
    this.name = "WindowsError";
    this.call = call;
    this.code = code >>> 0;
  }
}

/** Win32 errors are decimal, as Windows' documentation prints them; HRESULTs hexadecimal. */
export const codeText = (code: number): string =>
  code >>> 0 <= 0xffff ? String(code) : `0x${(code >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;

const RIGHTS = "access denied: put the account into the group Event Log Readers (S-1-5-32-573), or run as LocalSystem";
const UNREACHABLE =
  "the computer does not answer: is it on, and do its firewall rules for remote management allow this one?";

/** What the codes that administrators meet mean, and what to do. */
const MEANING: Readonly<Record<string, string>> = {
  "5": RIGHTS,
  "1722": UNREACHABLE,
  "1726": UNREACHABLE,
  "1734": "the events are too large for so many at once",
  "15007": "there is no event log of this name on the computer",
  "15011": "the log has moved on, the query is stale",
  "15012": "the position in the log is not valid any more",
  "0x00040004": "WMI brought no row in time",
  "0x80070005":
    "access denied: the account needs Remote Enable on root\\CIMV2, and over the network DCOM remote access",
  "0x800706BA": UNREACHABLE,
  "0x80041003": "WMI denies access: the account needs Enable Account on root\\CIMV2",
  "0x80041010": "there is no such class",
  "0x80041017": "the query names a property that the class does not have",
  "0x80041013": "the provider could not be loaded: is the service sppsvc disabled?",
};
