import { checkJsonBounds } from "./json-bounds.ts";
import {
  type AnyMap,
  type AnyValue,
  DEPTH_MAX,
  integer,
  KEYS_MAX,
  type LogGroup,
  type LogRecord,
  type LogsRequest,
  MEMBERS_MAX,
  newMap,
  OtlpError,
  RECORD_VALUES_MAX,
  RECORDS_MAX,
  tooDeep,
  tooManyKeys,
  tooManyMembers,
  tooManyRecords,
  tooManyRecordValues,
  tooManyValues,
  VALUES_MAX,
} from "./logs.ts";

type Json = null | string | number | boolean | Json[] | { [key: string]: Json };

/**
 * Reads an ExportLogsServiceRequest in OTLP/JSON: lowerCamelCase (the specification's) or snake_case, 64-bit integers as text
 * or number.
 *
 * @throws OtlpError
 */
export const decodeLogsJson = (text: string): LogsRequest => {
  checkJsonBounds(text);
  const request = object(parse(text), "the request");
  const budget: Budget = { left: VALUES_MAX, leftOfRecord: RECORD_VALUES_MAX, keys: new Set() };
  let records = 0;
  return list(request, "resourceLogs", "resource_logs").flatMap((it): LogGroup[] => {
    const group = object(it, "resourceLogs");
    const resource = { attributes: attributesOf(optional(group.resource), budget) };
    return list(group, "scopeLogs", "scope_logs").map((inner) => {
      const scopeLogs = object(inner, "scopeLogs");
      const scope = optional(scopeLogs.scope);
      const logRecords = list(scopeLogs, "logRecords", "log_records");
      records += logRecords.length;
      if (records > RECORDS_MAX) throw tooManyRecords();
      return {
        resource,
        scope: { name: textOr(scope?.name), version: textOr(scope?.version) },
        records: logRecords.map((record) => recordOf(record, budget)),
      };
    });
  });
};

/** How many values may still come. */
interface Budget {
  left: number;
  leftOfRecord: number;
  readonly keys: Set<string>;
}

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new OtlpError(`Not JSON: ${(cause as Error).message.slice(0, 200)}`);
  }
};

const recordOf = (json: Json, budget: Budget): LogRecord => {
  const record = object(json, "logRecords");
  budget.leftOfRecord = RECORD_VALUES_MAX;
  const timeUnixNano = nanos(record.timeUnixNano ?? record.time_unix_nano);
  const observedTimeUnixNano = nanos(record.observedTimeUnixNano ?? record.observed_time_unix_nano);
  const eventName = textOr(record.eventName ?? record.event_name);
  return {
    body: anyValueOf(record.body ?? null, 0, budget),
    attributes: attributesOf(record, budget),
    ...(timeUnixNano && { timeUnixNano }),
    ...(observedTimeUnixNano && { observedTimeUnixNano }),
    ...(eventName && { eventName }),
  };
};

const attributesOf = (json: { [key: string]: Json } | undefined, budget: Budget): AnyMap =>
  json ? mapOf(list(json, "attributes", "attributes"), 0, budget) : newMap();

const mapOf = (pairs: readonly Json[], depth: number, budget: Budget): AnyMap => {
  if (pairs.length > MEMBERS_MAX) throw tooManyMembers();
  const map = newMap();
  for (const it of pairs) {
    const { key, value } = object(it, "attributes");
    if (typeof key !== "string") throw new OtlpError("An attribute has no key.");
    budget.keys.add(key);
    if (budget.keys.size > KEYS_MAX) throw tooManyKeys();
    map[key] = anyValueOf(value ?? null, depth, budget);
  }
  return map;
};

const anyValueOf = (json: Json, depth: number, budget: Budget): AnyValue => {
  if (--budget.left < 0) throw tooManyValues();
  if (--budget.leftOfRecord < 0) throw tooManyRecordValues();
  if (json === null) return null;
  if (depth > DEPTH_MAX) throw tooDeep();
  const it = object(json, "a value");
  const either = (camel: string, snake: string): Json | undefined => it[camel] ?? it[snake];
  const string = either("stringValue", "string_value");
  if (string !== undefined) return textOf(string);
  const bool = either("boolValue", "bool_value");
  if (bool !== undefined) return bool === true;
  const int = either("intValue", "int_value");
  if (int !== undefined) return integerOf(int);
  const double = either("doubleValue", "double_value");
  if (double !== undefined) return Number(double);
  const array = either("arrayValue", "array_value");
  if (array !== undefined)
    return list(object(array, "arrayValue"), "values", "values").map((value) => anyValueOf(value, depth + 1, budget));
  const kvlist = either("kvlistValue", "kvlist_value");
  if (kvlist !== undefined) return mapOf(list(object(kvlist, "kvlistValue"), "values", "values"), depth + 1, budget);
  const bytes = either("bytesValue", "bytes_value");
  return bytes === undefined ? null : bytesOf(textOf(bytes));
};

const bytesOf = (base64: string): Uint8Array => {
  const digits = base64.replace(/={1,2}$/, "");
  // Buffer reads either alphabet, and passes over what is in neither.
  if (digits.length % 4 === 1 || !/^[\w+/-]*$/.test(digits)) throw new OtlpError("bytesValue is not base64.");
  return new Uint8Array(Buffer.from(digits, "base64"));
};

const integerOf = (json: Json): number | bigint => {
  if (typeof json === "number" && Number.isInteger(json)) return json;
  if (typeof json === "string" && /^-?\d{1,20}$/.test(json)) return integer(BigInt(json));
  throw new OtlpError("intValue is not an integer.");
};

const nanos = (json: Json | undefined): bigint => {
  if (json === undefined || json === null) return 0n;
  if (
    (typeof json === "string" && /^\d{1,20}$/.test(json)) ||
    (typeof json === "number" && Number.isInteger(json) && json >= 0)
  )
    return BigInt(json);
  throw new OtlpError("A time in nanoseconds is not an integer.");
};

const object = (json: Json | undefined, what: string): { [key: string]: Json } => {
  if (json === null || typeof json !== "object" || Array.isArray(json)) throw new OtlpError(`${what} is no object.`);
  return json;
};
const optional = (json: Json | undefined): { [key: string]: Json } | undefined =>
  json === undefined || json === null ? undefined : object(json, "resource or scope");
const list = (json: { [key: string]: Json }, camel: string, snake: string): Json[] => {
  const value = json[camel] ?? json[snake] ?? [];
  if (!Array.isArray(value)) throw new OtlpError(`${camel} is no list.`);
  return value;
};
const textOf = (json: Json): string => {
  if (typeof json !== "string") throw new OtlpError("stringValue is no text.");
  return json;
};
const textOr = (json: Json | undefined): string => (typeof json === "string" ? json : "");

/** ExportLogsServiceResponse as JSON. */
export const responseJson = ({ rejected, message }: { rejected: number; message?: string }): string =>
  rejected > 0 || message
    ? JSON.stringify({ partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: message ?? "" } })
    : "{}";
