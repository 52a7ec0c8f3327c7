/** OTLP logs as plain values (opentelemetry-proto 1.5 and later), whatever the encoding they came in. */
export type AnyValue = string | number | boolean | bigint | null | Uint8Array | readonly AnyValue[] | AnyMap;
/** Maps have no prototype, so that a key named `__proto__` is just a key. */
export interface AnyMap {
  readonly [key: string]: AnyValue;
}

export interface LogRecord {
  readonly timeUnixNano?: bigint;
  readonly observedTimeUnixNano?: bigint;
  readonly eventName?: string;
  readonly body: AnyValue;
  readonly attributes: AnyMap;
}

export interface LogGroup {
  readonly resource: { readonly attributes: AnyMap };
  readonly scope: { readonly name: string; readonly version: string };
  readonly records: readonly LogRecord[];
}

export type LogsRequest = readonly LogGroup[];

/** What is malformed in a request, in one sentence: the sender gets it with a 400. */
export class OtlpError extends Error {}

/** Deeper nesting than any Windows event or WMI property has. */
export const DEPTH_MAX = 32;

export const tooDeep = (): OtlpError => new OtlpError(`A value nests deeper than ${DEPTH_MAX} levels.`);

/** More records than any sender batches; empty ones take two bytes on the wire and a thousand times that in memory. */
export const RECORDS_MAX = 100_000;
export const tooManyRecords = (): OtlpError => new OtlpError(`The request has more than ${RECORDS_MAX} records.`);

/**
 * More values than a body of real events has: the receiver's map makes some 35 of a kilobyte, so twenty megabytes of the
 * smallest make some 700,000. Empty ones take three bytes on the wire and twenty times that in memory.
 */
export const VALUES_MAX = 1_000_000;
export const tooManyValues = (): OtlpError => new OtlpError(`The request has more than ${VALUES_MAX} values.`);

/** 500 licenses with 200 properties each: more than any computer has. */
export const RECORD_VALUES_MAX = 100_000;
export const tooManyRecordValues = (): OtlpError =>
  new OtlpError(`A record has more than ${RECORD_VALUES_MAX} values.`);

/** Keys of one map. */
export const MEMBERS_MAX = 10_000;
/** Different keys of a request. A fleet sends a few hundred; each that is met for the first time costs a hundred times as much. */
export const KEYS_MAX = 20_000;
export const tooManyKeys = (): OtlpError => new OtlpError(`The request has more than ${KEYS_MAX} different keys.`);
export const tooManyMembers = (max = MEMBERS_MAX): OtlpError =>
  new OtlpError(`A map or a list has more than ${max} members.`);

/** An object made by a constructor without prototype is as safe as one of Object.create(null), and several times as fast. */
const Bare = function Bare() {} as unknown as new () => Record<string, AnyValue>;
Bare.prototype = Object.create(null);
/** For attributes, whose names the sender chooses: `__proto__` is one like any other. */
export const newMap = (): Record<string, AnyValue> => new Bare();

/** A list of keys and values, as opposed to a list of values or bytes. */
export const isMap = (value: AnyValue | undefined): value is AnyMap =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** An integer as number where that is exact, else as bigint. */
export const integer = (value: bigint): number | bigint =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;

/** google.rpc.Code of the statuses we answer with. */
export const STATUS_CODE: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  413: 8,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};
