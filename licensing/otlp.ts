/**
 * Logs as OpenTelemetry speaks of them (opentelemetry.io/docs/specs/otel/logs/data-model), freed from the encoding:
 * otlp-protobuf.ts and otlp-json.ts read and write these shapes.
 */
export type AnyValue = string | number | boolean | bigint | null | Uint8Array | readonly AnyValue[] | AnyMap;

/** Decoded maps have no prototype, so that a key named `__proto__` is a key like any other. */
export interface AnyMap {
  readonly [key: string]: AnyValue;
}

export interface LogRecord {
  /** Nanoseconds since the epoch; absent when unknown (0 on the wire). */
  readonly timeUnixNano?: bigint;
  readonly observedTimeUnixNano?: bigint;
  readonly eventName?: string;
  /** 1 (trace) to 24 (fatal). */
  readonly severityNumber?: number;
  readonly body: AnyValue;
  readonly attributes: AnyMap;
}

/** The records of one resource and one scope. */
export interface LogGroup {
  readonly resource: { readonly attributes: AnyMap };
  readonly scope: { readonly name: string; readonly version: string };
  readonly records: readonly LogRecord[];
}

export type LogsRequest = readonly LogGroup[];

/** What the receiver did not take, and why. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** google.rpc.Status: the body of every answer that is not a success. */
export interface Status {
  /** google.rpc.Code: 3 invalid argument, 7 permission denied, 8 resource exhausted, 14 unavailable, 16 unauthenticated. */
  readonly code: number;
  readonly message: string;
}

/** What is malformed in a request, in one sentence. */
export class OtlpError extends Error {}

/** How deep values may nest; what our own records need is four. */
export const DEPTH_MAX = 32;

export const isMap = (value: AnyValue | undefined): value is AnyMap =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

export const emptyMap = (): Record<string, AnyValue> => Object.create(null);

/** An int64 as a number where a number holds it exactly. */
export const exactNumber = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
