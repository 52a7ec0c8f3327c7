import { DATA_MAX, readDataElements } from "../xml.ts";
import { type Body, dataList, dataText, isBody } from "./form.ts";

const PARAMS = Array.from({ length: DATA_MAX }, (_, i) => `param${i + 1}`);
const NUMBERED = /^(?:param|data|string)[_-]?(\d{1,3})$/i;
/** Never data: `binary` holds payloads, `name` is an attribute of EventData that the receiver writes beside the parameters. */
const BESIDE = /^(?:binary|name|xmlns|xml_name|#attributes|@.*|_attributes)$/i;

/**
 * The insertion strings from the map of event data that a program wrote: numbered (`param1`, `param2` …) whatever stands
 * beside them, a list under `data`, a text of `<Data>` elements, or, where nothing is numbered, the members in their order.
 *
 * @returns undefined where it holds none.
 */
export const dataOf = (eventData: unknown): string[] | undefined => {
  const list = dataList(eventData);
  if (list) return list.length > 0 ? list : undefined;
  // A program makes one text of a single string, and of several that it joins.
  if (typeof eventData === "string") return eventData.trim() === "" ? undefined : textsOf(eventData);
  if (!isBody(eventData)) return undefined;
  const inOrder = paramsInOrder(eventData);
  if (inOrder) return inOrder;
  const inner = dataOfData(eventData.data ?? eventData.Data);
  if (inner) return inner;
  const members = Object.entries(eventData).filter(([key]) => !BESIDE.test(key));
  const numbered = members.flatMap(([key, value]): [number, string][] => {
    const number = Number(NUMBERED.exec(key)?.[1] ?? 0);
    return number >= 1 && number <= DATA_MAX ? [[number, dataText(value)]] : [];
  });
  if (numbered.length > 0) {
    const values: string[] = Array(Math.max(...numbered.map(([number]) => number))).fill("");
    for (const [number, value] of numbered) values[number - 1] = value;
    return values;
  }
  return members.length > 0 ? members.slice(0, DATA_MAX).map(([, value]) => dataText(value)) : undefined;
};

/** The texts of `<Data>` elements, or the text itself where it is none. */
const textsOf = (text: string): string[] => {
  if (!DATA_ELEMENT.test(text)) return [text];
  try {
    const texts = readDataElements(text);
    return texts.length > 0 ? texts : [text];
  } catch {
    return [text];
  }
};
const DATA_ELEMENT = /^\s*<(?:\w+:)?Data[\s>/]/;

/** The members whose keys begin with this path, where a program joined the keys by dots. */
export const joinedMembers = (body: Body, path: string): Body | undefined => {
  const members = Object.entries(body).filter(([key]) => key.startsWith(`${path}.`));
  return members.length === 0
    ? undefined
    : Object.fromEntries(members.map(([key, value]) => [key.slice(path.length + 1), value]));
};

/** Under `data`: a list, one text, or a map around them as programs make it of XML. */
const dataOfData = (data: unknown): string[] | undefined => {
  if (typeof data === "string" && data !== "") return [data];
  if (isBody(data)) return dataOfData(data["#text"] ?? data._);
  if (!Array.isArray(data) || data.length === 0) return undefined;
  return data.slice(0, DATA_MAX).map((it: unknown) => {
    if (!isBody(it)) return dataText(it);
    return dataText(it["#text"] ?? it._ ?? it.Value ?? it.value ?? Object.values(it)[0]);
  });
};

/** What nearly every event is: texts named param1, param2 and so on in their order, and nothing else. */
const paramsInOrder = (eventData: Body): string[] | undefined => {
  const values: string[] = [];
  for (const key in eventData) {
    const value = eventData[key];
    if (key !== PARAMS[values.length] || typeof value !== "string") return undefined;
    values.push(value);
  }
  return values.length === 0 ? undefined : values;
};
