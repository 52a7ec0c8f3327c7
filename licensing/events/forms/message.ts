/** Fields of the comma list by id, and what its last field looks like; the message around it is in any language. */
const LISTS: Readonly<Record<number, readonly [fields: number, last: RegExp]>> = {
  12288: [10, /^\s*\d{1,5}(?!\d)/],
  12289: [8, /^\s*\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} +\d{1,2}:\d{2}(?:\s*[AP]M)?/i],
  12290: [9, /^\s*\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?/i],
};
const LIST_START = /0x[0-9A-Fa-f]{1,8}\s*,/g;
const LENGTH_MAX = 20_000;

/**
 * The data of an event from its rendered message, in any language, where a form holds nothing else: the comma list of 12288,
 * 12289 and 12290, code and domain of 12291 to 12294, the code and the parameters of 8198. A message can only be trusted so far: a list with another number of
 * fields is no list.
 */
export const dataOfMessage = (eventId: number, message: unknown): string[] => {
  if (typeof message !== "string") return [];
  const text = message.slice(0, LENGTH_MAX);
  if (eventId === 8198) return activationFailure(text);
  if (eventId >= 12_291 && eventId <= 12_294) return ofKmsHost(eventId, text);
  const layout = LISTS[eventId];
  return layout ? commaList(text, ...layout) : [];
};

/** 12291 and 12292: a code. 12293: a code and a domain. 12294: a domain. The domain has quotation marks of any language, or a dot. */
const ofKmsHost = (eventId: number, text: string): string[] => {
  const code = /\b0x[0-9A-Fa-f]{1,8}\b/.exec(text)?.[0];
  if (eventId <= 12_292) return code === undefined ? [] : [code];
  const domain = QUOTED.exec(text)?.[1] ?? DOTTED.exec(text)?.[0];
  if (domain === undefined || (eventId === 12_293 && code === undefined)) return [];
  return eventId === 12_293 ? [code!, domain] : [domain];
};
const QUOTED =
  /['"\u2018\u201a\u201c\u201e\u00ab\u2039\u300c]\s*([\p{L}\p{N}_.-]{1,255}?)\s*['"\u2019\u2018\u201d\u201c\u00bb\u203a\u300d]/u;
const DOTTED = /(?<![\p{L}\p{N}_.-])[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63})+(?![\p{L}\p{N}_-])/u;

const commaList = (text: string, fields: number, lastField: RegExp): string[] => {
  for (const line of text.split(/[\r\n]+/)) {
    for (const { index } of line.matchAll(LIST_START)) {
      const values = line.slice(index, index + 1_000).split(",", fields);
      const last = values.length === fields ? lastField.exec(values.at(-1)!)?.[0] : undefined;
      if (last === undefined) continue;
      const list = [...values.slice(0, -1), last].join(",");
      // What follows at once, but for words, is a field too many.
      if (!/^\s*,/.test(line.slice(index + list.length))) return [list.trim()];
    }
  }
  return [];
};

const activationFailure = (text: string): string[] => {
  const code = /\bhr\s*=\s*(0x[0-9A-Fa-f]{1,8})/.exec(text)?.[1];
  if (code === undefined) return [];
  const parameters = /\bRuleId=[^\r\n]{1,2000}/.exec(text)?.[0];
  return parameters === undefined ? [`hr=${code}`] : [`hr=${code}`, parameters.trim()];
};
