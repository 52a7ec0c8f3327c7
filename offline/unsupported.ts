/** How to get a log that can be read, for every message about one that cannot. */
const HOW =
  'Export the log as XML or .evtx instead: in Event Viewer "Save All Events As…" with the type XML or .evtx, or wevtutil epl "Key Management Service" kms.evtx';

const KINDS: readonly [is: RegExp, what: string][] = [
  [/^(?:#< CLIXML\s+)?[^\n]{0,2000}<Objs[\s>]/, "It is PowerShell's Export-Clixml"],
  [
    /^[^\n]*#TYPE [\w.]+|^"?(?:Message|Id|TimeCreated|PSComputerName)"?[,;]"?\w+"?[,;]/,
    "It is PowerShell's Export-Csv",
  ],
  [/^[^\t\n]*(?:\t[^\t\n]*){4,}\r?\n/, "It is a log that Event Viewer saved as text (tab delimited)"],
  [/^[^,\n]*(?:,[^,\n]*){4,}\r?\n/, "It is CSV, as Event Viewer saves a log as comma separated text"],
  [/^[^;\n]*(?:;[^;\n]*){4,}\r?\n/, "It is CSV"],
  [/^\s*Event\[\d+\]/, "It is the text that wevtutil prints without /f:xml"],
  [
    /^\s*ProviderName\s*:|^\s*TimeCreated\s+(?:Id\s|:)|^\s*(?:Message|Id)\s+:/,
    "It is what Get-WinEvent shows on the screen",
  ],
  [/^\s*Index\s+Time\s+EntryType\s/, "It is what Get-EventLog shows on the screen"],
  [/MSWinEventLog/, "It is Snare's or NXLog's syslog text"],
  [/^\s*<(?:!doctype html|html)[\s>]/i, "It is a web page"],
  [/^\s*<\?xml|^\s*<\w/, "It is XML of another kind"],
  [/^PK\u0003\u0004/, "It is a zip archive or a workbook: unpack it"],
];
/** `.evt` of Windows XP and Server 2003 begins so, behind a length. */
const OLD_EVT = /^[\s\S]{4}LfLe/;

/**
 * Why a text without any event in it holds none: the name of the form, and how to export the log instead. Without the file's
 * name.
 */
export const describeUnsupported = (text: string): string => {
  const beginning = text.slice(0, 20_000).replace(/^\ufeff/, "");
  if (OLD_EVT.test(beginning))
    return "It is an .evt of Windows XP or Server 2003. Convert it on Windows: wevtutil epl old.evt new.evtx /lf:true";
  const what = KINDS.find(([is]) => is.test(beginning))?.[1];
  return what === undefined
    ? `There is no event in it: neither event XML nor JSON. ${HOW}`
    : `${what}; in this form the data of events is lost or cannot be told apart. ${HOW}`;
};
