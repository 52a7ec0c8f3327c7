import type { AnyMap, AnyValue, LogRecord, LogsRequest } from "./logs.ts";

/**
 * Writes an ExportLogsServiceRequest as OTLP/JSON (opentelemetry-proto, "JSON Protobuf Encoding"): lowerCamelCase, 64-bit
 * integers as text, bytes as base64. For what people and standard tools read; on the wire protobuf is smaller.
 */
export const encodeLogsJson = (request: LogsRequest): string =>
  JSON.stringify({
    resourceLogs: request.map(({ resource, scope, records }) => ({
      resource: { attributes: pairs(resource.attributes) },
      scopeLogs: [{ scope, logRecords: records.map(recordJson) }],
    })),
  });

const recordJson = ({ timeUnixNano, observedTimeUnixNano, eventName, body, attributes }: LogRecord): object => ({
  ...(timeUnixNano && { timeUnixNano: String(timeUnixNano) }),
  ...(observedTimeUnixNano && { observedTimeUnixNano: String(observedTimeUnixNano) }),
  ...(eventName && { eventName }),
  ...(body !== null && { body: valueJson(body) }),
  attributes: pairs(attributes),
});

const pairs = (map: AnyMap): object[] =>
  Object.entries(map).map(([key, value]) => ({ key, ...(value !== null && { value: valueJson(value) }) }));

const valueJson = (value: AnyValue): object => {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return { intValue: String(value) };
  if (typeof value === "number") return { doubleValue: Number.isFinite(value) ? value : String(value) };
  if (value instanceof Uint8Array) return { bytesValue: btoa(String.fromCharCode(...value)) };
  if (isList(value)) return { arrayValue: { values: value.map(valueJson) } };
  return { kvlistValue: { values: pairs(value) } };
};

const isList = (value: AnyValue): value is readonly AnyValue[] => Array.isArray(value);
