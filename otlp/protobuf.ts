import {
  type AnyMap,
  type AnyValue,
  DEPTH_MAX,
  type LogGroup,
  type LogRecord,
  type LogsRequest,
  MEMBERS_MAX,
  newMap,
  OtlpError,
  RECORDS_MAX,
  tooDeep,
  tooManyMembers,
} from "./logs.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

/**
 * Reads an ExportLogsServiceRequest (opentelemetry-proto, logs/v1 and collector/logs/v1). By hand, because this is the hot
 * path and a general library takes three times as long; the tests hold it against protobufjs.
 *
 * @throws OtlpError for anything that is no well-formed request.
 */
export const decodeLogs = (bytes: Uint8Array): LogsRequest => {
  const reader = new ProtobufReader(bytes);
  const groups: LogGroup[] = [];
  for (let field = reader.next(); field; field = reader.next()) {
    if (field === 1) readResourceLogs(reader, groups);
    else reader.skip();
    checkSize(groups);
  }
  return groups;
};

const checkSize = (groups: readonly LogGroup[]): void => {
  if (groups.length > RECORDS_MAX) throw new OtlpError(`The request has more than ${RECORDS_MAX} groups.`);
};

const readResourceLogs = (reader: ProtobufReader, groups: LogGroup[]): void => {
  const outer = reader.enter();
  const attributes = newMap();
  const resource = { attributes };
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) readAttributes(reader, attributes);
    else if (field === 2) groups.push(readScopeLogs(reader, resource));
    else reader.skip();
  reader.leave(outer);
};

/** Resource: attributes = 1. */
const readAttributes = (reader: ProtobufReader, into: Record<string, AnyValue>): void => {
  const outer = reader.enter();
  readPairs(reader, into, 0);
  reader.leave(outer);
};

const readPairs = (reader: ProtobufReader, into: Record<string, AnyValue>, depth: number): void => {
  let members = 0;
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) {
      members += 1;
      if (members > MEMBERS_MAX) throw tooManyMembers();
      readPair(reader, into, depth);
    } else reader.skip();
};

const readScopeLogs = (reader: ProtobufReader, resource: LogGroup["resource"]): LogGroup => {
  const outer = reader.enter();
  const records: LogRecord[] = [];
  let scope = { name: "", version: "" };
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) scope = readScope(reader);
    else if (field === 2) records.push(readRecord(reader));
    else reader.skip();
  reader.leave(outer);
  return { resource, scope, records };
};

const readScope = (reader: ProtobufReader): { name: string; version: string } => {
  const outer = reader.enter();
  let name = "";
  let version = "";
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) name = reader.key();
    else if (field === 2) version = reader.key();
    else reader.skip();
  reader.leave(outer);
  return { name, version };
};

const readRecord = (reader: ProtobufReader): LogRecord => {
  const outer = reader.enterRecord();
  const attributes = newMap();
  let members = 0;
  let timeUnixNano = 0n;
  let observedTimeUnixNano = 0n;
  let eventName = "";
  let body: AnyValue = null;
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) timeUnixNano = reader.fixed64();
    else if (field === 5) body = readAnyValue(reader, 0);
    else if (field === 6) {
      members += 1;
      if (members > MEMBERS_MAX) throw tooManyMembers();
      readPair(reader, attributes, 0);
    } else if (field === 11) observedTimeUnixNano = reader.fixed64();
    else if (field === 12) eventName = reader.key();
    else reader.skip();
  reader.leave(outer);
  const record: Writable<LogRecord> = { body, attributes };
  if (timeUnixNano) record.timeUnixNano = timeUnixNano;
  if (observedTimeUnixNano) record.observedTimeUnixNano = observedTimeUnixNano;
  if (eventName) record.eventName = eventName;
  return record;
};
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const readPair = (reader: ProtobufReader, into: Record<string, AnyValue>, depth: number): void => {
  const outer = reader.enter();
  let key = "";
  let value: AnyValue = null;
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) key = reader.key();
    else if (field === 2) value = readAnyValue(reader, depth);
    else reader.skip();
  reader.leave(outer);
  into[key] = value;
};

const readAnyValue = (reader: ProtobufReader, depth: number): AnyValue => {
  if (depth > DEPTH_MAX) throw tooDeep();
  const outer = reader.enterValue();
  let value: AnyValue = null;
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) value = reader.text();
    else if (field === 2) value = reader.int() !== 0;
    else if (field === 3) value = reader.int();
    else if (field === 4) value = reader.double();
    else if (field === 5) value = readArray(reader, depth + 1);
    else if (field === 6) value = readMap(reader, depth + 1);
    else if (field === 7) value = reader.bytes();
    else reader.skip();
  reader.leave(outer);
  return value;
};

const readArray = (reader: ProtobufReader, depth: number): AnyValue[] => {
  const outer = reader.enter();
  const values: AnyValue[] = [];
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) values.push(readAnyValue(reader, depth));
    else reader.skip();
  reader.leave(outer);
  return values;
};

const readMap = (reader: ProtobufReader, depth: number): AnyMap => {
  const outer = reader.enter();
  const map = newMap();
  readPairs(reader, map, depth);
  reader.leave(outer);
  return map;
};

/** Writes an ExportLogsServiceRequest. */
export const encodeLogs = (request: LogsRequest): Uint8Array => {
  const writer = new ProtobufWriter();
  for (const { resource, scope, records } of request)
    writer.message(1, () => {
      writer.message(1, () => writeAttributes(writer, 1, resource.attributes));
      writer.message(2, () => {
        writer.message(1, () => {
          writer.text(1, scope.name);
          writer.text(2, scope.version);
        });
        for (const record of records) writer.message(2, () => writeRecord(writer, record));
      });
    });
  return writer.finish();
};

const writeRecord = (writer: ProtobufWriter, record: LogRecord): void => {
  if (record.timeUnixNano) writer.fixed64(1, record.timeUnixNano);
  if (record.body !== null) writer.message(5, () => writeAnyValue(writer, record.body));
  writeAttributes(writer, 6, record.attributes);
  if (record.observedTimeUnixNano) writer.fixed64(11, record.observedTimeUnixNano);
  if (record.eventName) writer.text(12, record.eventName);
};

const writeAttributes = (writer: ProtobufWriter, field: number, attributes: AnyMap): void => {
  for (const [key, value] of Object.entries(attributes))
    writer.message(field, () => {
      writer.text(1, key);
      writer.message(2, () => writeAnyValue(writer, value));
    });
};

const writeAnyValue = (writer: ProtobufWriter, value: AnyValue): void => {
  if (value === null || value === undefined) return;
  if (typeof value === "string") writer.text(1, value, true);
  else if (typeof value === "boolean") writer.int(2, value ? 1n : 0n);
  else if (typeof value === "bigint") writer.int(3, value);
  else if (typeof value === "number")
    Number.isSafeInteger(value) ? writer.int(3, BigInt(value)) : writer.double(4, value);
  else if (value instanceof Uint8Array) writer.bytes(7, value);
  else if (isList(value))
    writer.message(5, () => {
      for (const it of value) writer.message(1, () => writeAnyValue(writer, it));
    });
  else writer.message(6, () => writeAttributes(writer, 1, value));
};

const isList = (value: AnyValue): value is readonly AnyValue[] => Array.isArray(value);

/** ExportLogsServiceResponse: nothing, or partial_success = 1 {rejected_log_records = 1, error_message = 2}. */
export const encodeResponse = ({ rejected, message }: { rejected: number; message?: string }): Uint8Array => {
  const writer = new ProtobufWriter();
  if (rejected > 0 || message)
    writer.message(1, () => {
      writer.int(1, BigInt(rejected));
      writer.text(2, message ?? "");
    });
  return writer.finish();
};

/** @throws OtlpError */
export const decodeResponse = (bytes: Uint8Array): { rejected: number; message: string } => {
  const reader = new ProtobufReader(bytes);
  const response = { rejected: 0, message: "" };
  for (let field = reader.next(); field; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    for (let inner = reader.next(); inner; inner = reader.next())
      if (inner === 1) response.rejected = Number(reader.int());
      else if (inner === 2) response.message = reader.text();
      else reader.skip();
    reader.leave(outer);
  }
  return response;
};

/** google.rpc.Status: code = 1, message = 2. */
export const encodeStatus = ({ code, message }: { code: number; message: string }): Uint8Array => {
  const writer = new ProtobufWriter();
  writer.int(1, BigInt(code));
  writer.text(2, message);
  return writer.finish();
};

/** @throws OtlpError */
export const decodeStatus = (bytes: Uint8Array): { code: number; message: string } => {
  const reader = new ProtobufReader(bytes);
  const status = { code: 0, message: "" };
  for (let field = reader.next(); field; field = reader.next())
    if (field === 1) status.code = Number(reader.int());
    else if (field === 2) status.message = reader.text();
    else reader.skip();
  return status;
};
