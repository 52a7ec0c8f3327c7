import { readName } from "../names.ts";
import { parseClientTime } from "../time.ts";
import type { EventName, NormalisedEvent } from "./names.ts";

type Fields = Partial<NormalisedEvent>;

/** How one position of an event's data is read: its name in the contract, and the value, or undefined if it is not one. */
interface Position {
  readonly name: string;
  readonly what: string;
  /** May be empty. */
  readonly optional?: boolean;
  /** Puts what the text says into the fields; false if it is not what belongs here. */
  readonly read: (text: string, into: Fields) => boolean;
}

const HEX32 = /^0x0*([0-9a-f]{1,8})$/i;
const SIGNED32 = /^-?\d{1,10}$/;
const GUID = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/;
const GUID_LENGTH = 36;
/** `0x0`, `0xC004F038`, −1073418124: any 32-bit code as `0x` and eight upper-case digits. */
export const code32 = (text: string): string | undefined => {
  const hex = HEX32.exec(text)?.[1];
  if (hex) return `0x${hex.toUpperCase().padStart(8, "0")}`;
  if (!SIGNED32.test(text) || Number(text) > 0xffff_ffff || Number(text) < -0x8000_0000) return undefined;
  return `0x${(Number(text) >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
};

/** A GUID in lower case, with or without braces around it. */
export const guid = (text: string): string | undefined => {
  const lower = text.trim().toLowerCase();
  if (!GUID.test(lower)) return undefined;
  return lower.length === GUID_LENGTH ? lower : lower.replace(/[{}]/g, "");
};

const whole = (text: string, max: number): number | undefined =>
  /^\d{1,10}$/.test(text) && Number(text) <= max ? Number(text) : undefined;

const position = (name: string, what: string, read: (text: string) => unknown, optional = false): Position => ({
  name,
  what,
  optional,
  read: (text, into) => {
    const value = read(text);
    if (value === undefined) return false;
    (into as Record<string, unknown>)[name] = value;
    return true;
  },
});

const hresult = position("hresult", "a 32-bit code", code32);
const statusFlags = position("status_flags", "a 32-bit code", code32);
const required = position("required_count", "a count", (it) => whole(it, 10_000));
const machineId = position("client_machine_id", "a GUID", guid);
const activationId = position("activation_id", "a GUID", guid);
const isVm = position("client_is_vm", "0 or 1", (it) => (it === "0" || it === "1" ? it === "1" : undefined));
const status = position("license_status", "a license status from 0 to 6", (it) => whole(it, 6));
const minutes = position("minutes_to_expiration", "minutes", (it) => whole(it, 0xffff_ffff));
const clientTime = position("client_time", "a time", (it) => {
  const at = parseClientTime(it);
  return at === undefined ? undefined : `${new Date(at).toISOString().slice(0, 19)}Z`;
});
const name = (text: string): string | undefined => {
  const read = readName(text);
  return "name" in read ? read.name : undefined;
};
const clientName = position("client_fqdn", "a computer's name", name, true);
const dnsDomain = position("dns_domain", "a DNS domain", name);
const interval = (name: string) => position(name, "minutes", (it) => whole(it, 0xffff_ffff));

/** `kms01.contoso.com:1688`, `[2001:db8::1]:1688`, `:1688` when discovery found nothing. */
const server: Position = {
  name: "kms_host",
  what: "server:port",
  optional: true,
  read: (text, into) => {
    const [, host, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
    const written = host?.replace(/^\[(.*)\]$/, "$1") ?? "";
    const read = /^[0-9a-f:.%]{2,45}$/i.test(written) ? written : name(written);
    if (written !== "" && read === undefined) return false;
    if (read) into.kms_host = read;
    if (port && Number(port) < 65_536) into.kms_port = Number(port);
    return true;
  },
};
const unused: Position = { name: "unused", what: "anything", optional: true, read: () => true };

const REQUEST_SENT = [
  hresult,
  statusFlags,
  server,
  machineId,
  clientTime,
  isVm,
  status,
  minutes,
  activationId,
  required,
];
const RESPONSE = [
  hresult,
  statusFlags,
  position("activated", "0 or 1", (it) => (it === "0" || it === "1" ? it === "1" : undefined)),
  unused,
  position("kms_count", "a count", (it) => whole(it, 0xffff_ffff)),
  interval("activation_interval_minutes"),
  interval("renewal_interval_minutes"),
  clientTime,
];
const REQUEST = [hresult, required, clientName, machineId, clientTime, isVm, status, minutes, activationId];

/** The layouts of events whose data is one comma list. */
const LISTS = { 12288: REQUEST_SENT, 12289: RESPONSE, 12290: REQUEST } as const;
const LAYOUTS: Partial<Record<EventName, readonly Position[]>> = {
  kms_request_sent: REQUEST_SENT,
  kms_response_processed: RESPONSE,
  kms_request_processed: REQUEST,
  kms_start_failed: [hresult],
  kms_timer_failed: [hresult],
  kms_dns_publish_failed: [hresult, dnsDomain],
  kms_dns_published: [dnsDomain],
};

/** One field that an event may have beyond those that all have, for docs/events.md. */
export interface FieldDescription {
  readonly name: string;
  readonly what: string;
}

/** The fields of an event in the order in which Windows writes them. */
export const fieldsOf = (event: EventName): readonly FieldDescription[] => {
  if (event === "activation_failed")
    return [hresult, activationId, { ...activationId, name: "application_id" }, { name: "trigger", what: "a word" }];
  const fields = LAYOUTS[event]?.filter((it) => it !== unused) ?? [];
  return fields.flatMap((it) =>
    it === server
      ? [
          { name: "kms_host", what: "a name or an address" },
          { name: "kms_port", what: "a port" },
        ]
      : [it],
  );
};

/** Puts the data's fields into the event, by its name; what is not understood is left out and told in `problems`. */
export const readFields = (event: NormalisedEvent, written: readonly string[], problems: string[]): void => {
  const layout = LAYOUTS[event.event];
  const data = separated(event.event, written);
  if (!layout) {
    if (event.event === "activation_failed") Object.assign(event, activationFailed(data, problems));
    event.data = data;
    return;
  }
  const list = listOf(event.event, data);
  const values = list ? valuesOf(data, layout, problems) : data.map((it) => it.trim());
  const info = list && data.length > layout.length ? data[0]! : data.join(",");
  if (!values || values.length !== layout.length) {
    problems.push(`data: ${values?.length ?? data.length} fields where ${layout.length} belong`);
    event.info = info.slice(0, 1024);
    return;
  }
  layout.forEach((it, i) => {
    const text = values[i]!;
    const read = (text === "" && it.optional) || it.read(text, event);
    if (!read) problems.push(`${it.name}: ${JSON.stringify(text.slice(0, 60))} is not ${it.what}`);
  });
  event.info = info;
};

/** Strings that a shipper joined into one, each with the beginning of the second. */
const JOINED: Partial<Record<EventName, RegExp>> = {
  activation_failed: /^\s*(hr\s*=\s*0x[0-9a-f]{1,8})[\s,;|]*(RuleId\s*=[\s\S]*)$/i,
  kms_dns_publish_failed: /^\s*(0x[0-9a-f]{1,8})[\s,;|]+([^\s,;|]+)\s*$/i,
};

/** The insertion strings as Windows wrote them: some shippers make one text of all. */
export const separated = (event: EventName, data: readonly string[]): readonly string[] => {
  const joined = data.length === 1 ? JOINED[event]?.exec(data[0]!) : undefined;
  return joined ? [joined[1]!, joined[2]!] : data;
};

/** The three requests and responses carry a comma list; the others one value per element. */
const listOf = (event: EventName, data: readonly string[]): boolean => data.length > 0 && event.startsWith("kms_re");

/** The comma list's fields, trimmed, for the ids that carry one; for identity, where no layout may be wanted. */
export const listValues = (eventId: number, data: readonly string[]): readonly string[] | undefined => {
  const layout = LISTS[eventId as keyof typeof LISTS];
  return layout && valuesOf(data, layout, []);
};

/** One field of an event as it was written, the name of its place, and whether it is what belongs there. */
export interface WrittenField {
  readonly name: string;
  readonly text: string;
  readonly understood: boolean;
}

/** The fields of an event whose layout is known, in their order; undefined where its data does not fit. */
export const writtenFields = (event: EventName, written: readonly string[]): readonly WrittenField[] | undefined => {
  const layout = LAYOUTS[event];
  const data = separated(event, written);
  const values = layout && (listOf(event, data) ? valuesOf(data, layout, []) : data.map((it) => it.trim()));
  if (values?.length !== layout?.length) return undefined;
  return layout?.map((it, i) => {
    const text = values![i]!;
    return { name: it.name, text, understood: (text === "" && it.optional === true) || it.read(text, {}) };
  });
};

/**
 * Finds the fields in one comma string, in separate elements, or in both (a Windows 7 or later host writes the string and
 * then each field). Forwarding drops empty elements, which shifts the others: then the string decides, or the one place
 * where an empty element makes every other field fit its type.
 */
const valuesOf = (
  data: readonly string[],
  layout: readonly Position[],
  problems: string[],
): readonly string[] | undefined => {
  const trimmed = (data.length === 1 ? withoutRepetition(data[0]!) : data).map((it) => it.trim());
  if (trimmed.length === layout.length + 1 && isListOf(trimmed)) return trimmed.slice(1);
  const split = once(
    trimmed[0]?.split(",").map((it) => it.trim()),
    layout.length,
  );
  const whole = split?.length === layout.length ? split : undefined;
  if (trimmed.length > layout.length) {
    const single = trimmed.slice(1, layout.length + 1);
    if (whole?.some((it, i) => it !== single[i]))
      problems.push("data: the list and the single fields disagree; the single fields are taken");
    return single;
  }
  if (whole) return whole;
  if (trimmed.length === layout.length) return trimmed;
  if (trimmed.length === 1) return split;
  const missing = layout.findIndex(
    ({ optional }, at) => optional && trimmed.length === layout.length - 1 && fits(layout, trimmed, at),
  );
  return missing < 0 ? trimmed : [...trimmed.slice(0, missing), "", ...trimmed.slice(missing)];
};

/** The list of 12290 and then each of its fields, joined into one text by blanks or line breaks: the list alone. */
const withoutRepetition = (text: string): readonly string[] => {
  const list = LIST_BEFORE_FIELDS.exec(text)?.[1];
  return [list ?? text];
};
const LIST_BEFORE_FIELDS =
  /^\s*(0x[0-9a-f]{1,8}(?:,[^,]{0,300}){7},\s*\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?)[\s;|]+0x[0-9a-f]{1,8}[\s;|]/i;

/** The list and then each of its fields, joined into one text by commas: the list once. */
const once = (fields: readonly string[] | undefined, length: number): readonly string[] | undefined =>
  fields?.length === 2 * length && fields.every((it, i) => it === fields[i % length])
    ? fields.slice(0, length)
    : fields;

/** Is the first element just the others, two at least, with commas between? Without making a text to compare with. */
export const isListOf = (values: readonly string[]): boolean => {
  const list = values[0];
  if (list === undefined || values.length < 3) return false;
  let at = 0;
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i]!;
    if (!list.startsWith(value, at) || (i > 1 && list[at - 1] !== ",")) return false;
    at += value.length + 1;
  }
  return at === list.length + 1;
};

const fits = (layout: readonly Position[], values: readonly string[], missing: number): boolean =>
  values.every((it, i) => layout[i < missing ? i : i + 1]!.read(it, {}));

/** Where one value of 8198 ends and the next begins. */
const NEXT_VALUE = /[;|\r\n]|[,\s](?=\s*[A-Za-z]{1,40}=)/;

/** 8198: `hr=0x…`, and from Windows 8 on `RuleId=…;Action=…;AppId=…;SkuId=…;Trigger=…`. */
const activationFailed = (data: readonly string[], problems: string[]): Fields => {
  const values = new Map<string, string>();
  for (const part of data.join(";").split(NEXT_VALUE)) {
    const [, key, value] = /^\s*([A-Za-z]{1,40})\s*=\s*([^;]{0,200}?)\s*$/.exec(part) ?? [];
    if (key && value !== undefined) values.set(key.toLowerCase(), value);
  }
  const hr = code32(values.get("hr") ?? data[0]?.trim() ?? "");
  if (!hr) problems.push("hresult: the event says none");
  const sku = guid(values.get("skuid") ?? "");
  const application = guid(values.get("appid") ?? "");
  const trigger = values.get("trigger");
  return {
    ...(hr && { hresult: hr }),
    ...(sku && { activation_id: sku }),
    ...(application && { application_id: application }),
    ...(trigger && /^[\w -]{1,60}$/.test(trigger) && { trigger }),
    info: data.join(",").slice(0, 1024),
  };
};
