import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import protobuf from "protobufjs";
import { decodeLogsJson, responseJson } from "../../otlp/json.ts";
import { encodeLogsJson } from "../../otlp/json-writer.ts";
import { type AnyValue, type LogsRequest, OtlpError } from "../../otlp/logs.ts";
import {
  decodeLogs,
  decodeResponse,
  decodeStatus,
  encodeLogs,
  encodeResponse,
  encodeStatus,
} from "../../otlp/protobuf.ts";

/** The messages of opentelemetry-proto that a logs request is made of: what the general library reads them by. */
const schema = protobuf.parse(`syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message LogRecord { fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; uint32 dropped = 7; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11; string event_name = 12; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message Request { repeated ResourceLogs resource_logs = 1; }
message Partial { int64 rejected_log_records = 1; string error_message = 2; }
message Response { Partial partial_success = 1; }
message Status { int32 code = 1; string message = 2; }`).root;
const Request = schema.lookupType("Request");

const key = fc.string({ minLength: 1, maxLength: 80 });
const { value: anyValue } = fc.letrec<{ value: AnyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: "grapheme", maxLength: 100 }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((it) => it > 2n ** 53n || it < -(2n ** 53n)),
    fc.double({ noNaN: true }).filter((it) => !Number.isSafeInteger(it)),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: false }),
  ),
}));
const nanos = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
const requests: fc.Arbitrary<LogsRequest> = fc.array(
  fc.record({
    resource: fc.record({ attributes: fc.dictionary(key, anyValue, { maxKeys: 4 }) }),
    scope: fc.record({ name: fc.string(), version: fc.string() }),
    records: fc.array(
      fc.record({
        timeUnixNano: nanos,
        observedTimeUnixNano: nanos,
        eventName: fc.string({ minLength: 1 }),
        body: anyValue,
        attributes: fc.dictionary(key, anyValue, { maxKeys: 3 }),
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 3 },
);
/** Maps without prototype and with one compare as equal; −0 and 0 are one number on the wire. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, it) => (typeof it === "bigint" ? `${it}n` : it instanceof Uint8Array ? [...it] : it)),
  );

const bySchema = (value: AnyValue): object => {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return { intValue: String(value) };
  if (typeof value === "number") return { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(bySchema) } };
  return { kvlistValue: { values: pairs(value as Record<string, AnyValue>) } };
};
const pairs = (map: Readonly<Record<string, AnyValue>>) =>
  Object.entries(map).map(([it, value]) => ({ key: it, value: bySchema(value) }));
const messageOf = (request: LogsRequest) => ({
  resourceLogs: request.map(({ resource, scope, records }) => ({
    resource: { attributes: pairs(resource.attributes) },
    schemaUrl: "https://example.org/schema",
    scopeLogs: [
      {
        scope,
        logRecords: records.map((it) => ({
          ...it,
          timeUnixNano: String(it.timeUnixNano),
          observedTimeUnixNano: String(it.observedTimeUnixNano),
          severityNumber: 9,
          flags: 1,
          traceId: new Uint8Array(16),
          body: bySchema(it.body),
          attributes: pairs(it.attributes),
        })),
      },
    ],
  })),
});

describe("JSON that we write", () => {
  test("we read, and so does the general library", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const json = encodeLogsJson(request);
        expect(plain(decodeLogsJson(json))).toEqual(plain(request));
        const theirs = Request.encode(Request.fromObject(JSON.parse(json))).finish();
        expect(plain(decodeLogs(theirs))).toEqual(plain(request));
      }),
    );
  });
});

describe("protobuf", () => {
  test("what we write, we read", () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(plain(decodeLogs(encodeLogs(request)))).toEqual(plain(request));
      }),
    );
  });
  test("what the general library writes, we read, fields unknown to us included", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const bytes = Request.encode(Request.fromObject(messageOf(request))).finish();
        expect(plain(decodeLogs(bytes))).toEqual(plain(request));
      }),
    );
  });
  test("what we write, the general library reads", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const theirs = Request.encode(Request.decode(encodeLogs(request))).finish();
        expect(plain(decodeLogs(theirs))).toEqual(plain(request));
      }),
    );
  });

  test("a status says its code and message", () => {
    expect(decodeStatus(encodeStatus({ code: 14, message: "the disk is full" }))).toEqual({
      code: 14,
      message: "the disk is full",
    });
  });

  test("no bytes make it do anything but read or refuse", () => {
    const never = (bytes: Uint8Array) => {
      try {
        decodeLogs(bytes);
      } catch (cause) {
        if (!(cause instanceof OtlpError)) throw cause;
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), never), { numRuns: 2_000 });
    fc.assert(
      fc.property(requests, fc.nat(), fc.nat({ max: 255 }), (request, at, byte) => {
        const bytes = encodeLogs(request);
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        never(bytes);
        never(bytes.subarray(0, at % (bytes.length + 1)));
      }),
      { numRuns: 500 },
    );
  });

  const nested = (depth: number): AnyValue => (depth === 0 ? "deep" : [nested(depth - 1)]);
  const one = (body: AnyValue): LogsRequest => [
    { resource: { attributes: {} }, scope: { name: "s", version: "" }, records: [{ body, attributes: {} }] },
  ];
  test("deeper nesting than 32 levels is refused", () => {
    expect(decodeLogs(encodeLogs(one(nested(32))))).toHaveLength(1);
    expect(() => decodeLogs(encodeLogs(one(nested(33))))).toThrow(OtlpError);
  });
  test("a key named __proto__ is just a key", () => {
    const [group] = decodeLogs(encodeLogs(one(JSON.parse('{"__proto__":{"polluted":true}}') as AnyValue)));
    expect(Object.keys(group!.records[0]!.body as object)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test("responses and statuses are what the schema says", () => {
    expect(encodeResponse({ rejected: 0 })).toHaveLength(0);
    const bytes = encodeResponse({ rejected: 3, message: "forged" });
    expect(schema.lookupType("Response").decode(bytes).toJSON()).toEqual({
      partialSuccess: { rejectedLogRecords: "3", errorMessage: "forged" },
    });
    expect(decodeResponse(bytes)).toEqual({ rejected: 3, message: "forged" });
    expect(decodeResponse(new Uint8Array())).toEqual({ rejected: 0, message: "" });
    expect(
      schema
        .lookupType("Status")
        .decode(encodeStatus({ code: 3, message: "no" }))
        .toJSON(),
    ).toEqual({ code: 3, message: "no" });
  });
});

/** What is refused before it takes a hundred times its size in memory; [what, protobuf or JSON, why]. */
const many = (body: AnyValue, records = 1): LogsRequest => [
  {
    resource: { attributes: {} },
    scope: { name: "s", version: "" },
    records: Array.from({ length: records }, () => ({ body, attributes: {} })),
  },
];
const keys = (count: number, prefix = "k") =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 1]));
const list = (count: number) => Array<AnyValue>(count).fill("x");
describe.each<[string, (request: LogsRequest) => unknown]>([
  ["protobuf", (it) => decodeLogs(encodeLogs(it))],
  ["JSON", (it) => decodeLogsJson(encodeLogsJson(it))],
])("limits of %s", (_, decode) => {
  test.each<[string, () => LogsRequest, RegExp]>([
    ["a map of 10,001 keys", () => many(keys(10_001)), /more than 10000 members/],
    [
      "attributes with 10,001 keys",
      () => [{ ...many("x")[0]!, records: [{ body: "x", attributes: keys(10_001) }] }],
      /more than 10000 members/,
    ],
    [
      "a resource with 10,001 keys",
      () => [{ ...many("x")[0]!, resource: { attributes: keys(10_001) } }],
      /more than 10000 members/,
    ],
    ["a record with 100,001 values", () => many([list(60_000), list(40_001)]), /record has more than 100000 values/],
    ["a request with 1,000,001 values", () => many(list(60_000), 17), /more than 1000000 values/],
    [
      "20,001 different keys",
      () => [...many(keys(9_000)), ...many(keys(9_000, "a")), ...many(keys(9_000, "b"))],
      /more than 20000 different keys/,
    ],
    ["100,001 records", () => [...many(null, 50_001), ...many(null, 50_000)], /more than 100000 records/],
  ])(
    "%s",
    (__, request, why) => {
      expect(() => decode(request())).toThrow(OtlpError);
      expect(() => decode(request())).toThrow(why);
    },
    30_000,
  );
  test("what real senders batch is taken", () => {
    const event = {
      event_id: { id: 12290, qualifiers: 16384 },
      ...keys(12),
      event_data: keys(10, "param"),
      keywords: ["Classic"],
    };
    expect(decode(many(event, 5_000))).toHaveLength(1);
    expect(decode(many({ products: Array.from({ length: 500 }, () => keys(150)) }))).toHaveLength(1);
  }, 30_000);
});

test("JSON is held against the limits before it is parsed", () => {
  const million = (text: string) => text.repeat(1_000_000);
  for (const text of [
    `{${million('"a":1,')}"b":1}`,
    `[${million("0,")}0]`,
    million("["),
    million('{"a":'),
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${million("{},")}{}]}]}]}`,
    `{"a":"${"x".repeat(2_000_000)}`,
  ]) {
    const started = performance.now();
    expect(() => decodeLogsJson(text)).toThrow(OtlpError);
    expect(performance.now() - started).toBeLessThan(1_000);
  }
  const commas = encodeLogsJson(many(",".repeat(5_000_000)));
  expect(decodeLogsJson(commas)).toHaveLength(1);
});

describe("JSON", () => {
  test("the same request reads the same in both encodings", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const json = JSON.stringify(messageOf(request), (_, it) =>
          it instanceof Uint8Array ? Buffer.from(it).toString("base64") : it,
        );
        expect(plain(decodeLogsJson(json))).toEqual(plain(request));
      }),
    );
  });
  test("snake case and numbers for 64-bit integers", () => {
    const json = {
      resource_logs: [
        {
          resource: { attributes: [{ key: "host.name", value: { string_value: "pc1" } }] },
          scope_logs: [{ log_records: [{ time_unix_nano: 5, event_name: "e", body: { int_value: 7 } }] }],
        },
      ],
    };
    expect(plain(decodeLogsJson(JSON.stringify(json)))).toEqual([
      {
        resource: { attributes: { "host.name": "pc1" } },
        scope: { name: "", version: "" },
        records: [{ timeUnixNano: "5n", eventName: "e", body: 7, attributes: {} }],
      },
    ]);
  });
  test.each([
    "",
    "{",
    "[]",
    "null",
    '{"resourceLogs":{}}',
    '{"resourceLogs":[1]}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":5}]}]}]}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"x"}]}]}]}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"x"}}]}]}]}',
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(40)}${"]}}".repeat(40)}}]}]}]}`,
  ])("refuses %s", (text) => {
    expect(() => decodeLogsJson(text)).toThrow(OtlpError);
  });
  test("responses", () => {
    expect(responseJson({ rejected: 0 })).toBe("{}");
    expect(JSON.parse(responseJson({ rejected: 2, message: "no" }))).toEqual({
      partialSuccess: { rejectedLogRecords: "2", errorMessage: "no" },
    });
  });
});
