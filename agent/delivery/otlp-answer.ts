import { OtlpError } from "../../otlp/logs.ts";
import { decodeResponse, decodeStatus } from "../../otlp/protobuf.ts";

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly body: Uint8Array;
}

/** How many records were rejected, and why. */
export interface ExportResponse {
  readonly rejected: number;
  readonly message: string;
}

/**
 * The ExportLogsServiceResponse in an answer (OTLP specification, "OTLP/HTTP Response"). A login page, a proxy and another
 * server may answer 200 as well: what they send is no such response.
 *
 * @returns undefined when the answer is not OTLP's.
 */
export const exportResponseIn = ({ contentType, body }: HttpAnswer): ExportResponse | undefined => {
  const type = mediaType(contentType);
  if (type === PROTOBUF)
    return startsWithField(body, [PARTIAL_SUCCESS]) ? decoded(() => decodeResponse(body)) : undefined;
  const json = type === JSON_TYPE ? objectIn(body) : undefined;
  if (!json) return undefined;
  if (Object.keys(json).length === 0) return { rejected: 0, message: "" };
  const partial = json.partialSuccess ?? json.partial_success;
  if (!isObject(partial)) return undefined;
  const rejected = Number(partial.rejectedLogRecords ?? partial.rejected_log_records ?? 0);
  const message = partial.errorMessage ?? partial.error_message ?? "";
  return Number.isSafeInteger(rejected) ? { rejected, message: String(message) } : undefined;
};

/**
 * The google.rpc.Status in an error's answer, by which a collector says what is wrong (OTLP specification, "Failures").
 *
 * @returns its message; undefined when the error is not a collector's.
 */
export const statusMessageIn = ({ contentType, body }: HttpAnswer): string | undefined => {
  const type = mediaType(contentType);
  if (type === PROTOBUF) {
    const status = body.length > 0 && startsWithField(body, STATUS) ? decoded(() => decodeStatus(body)) : undefined;
    return status && isCode(status.code) && (status.code > 0 || status.message !== "") ? status.message : undefined;
  }
  const json = type === JSON_TYPE ? objectIn(body) : undefined;
  // Many servers answer with a message in JSON; a code of google.rpc.Code is what marks this one.
  return isCode(json?.code) && json.code > 0 && typeof json.message === "string" ? json.message : undefined;
};

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

/** The first byte of a message: the number of a field and its wire type. */
const PARTIAL_SUCCESS = 0x0a;
const [CODE, MESSAGE, DETAILS] = [0x08, 0x12, 0x1a];
const STATUS = [CODE, MESSAGE, DETAILS];
const startsWithField = (body: Uint8Array, fields: readonly number[]): boolean =>
  body.length === 0 || fields.includes(body[0]!);

/** google.rpc.Code goes up to UNAUTHENTICATED. */
const isCode = (code: unknown): code is number => Number.isInteger(code) && Number(code) >= 0 && Number(code) <= 16;

const mediaType = (contentType: string | undefined): string | undefined =>
  contentType?.split(";")[0]?.trim().toLowerCase();

const decoded = <T>(decode: () => T): T | undefined => {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof OtlpError) return undefined;
    throw cause;
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const objectIn = (body: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
