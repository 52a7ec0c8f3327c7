import { describe, expect, test } from "@jest/globals";
import { backOff, retryAfterMs } from "../../../agent/delivery/backoff.ts";
import { deliveryOf } from "../../../agent/delivery/delivery-result.ts";
import { MINUTE, SECOND } from "../../../licensing/time.ts";
import { encodeResponse, encodeStatus } from "../../../otlp/protobuf.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const PROTOBUF = "application/x-protobuf";
const HTML = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>";
const answer = (status: number, contentType: string | undefined, body: string | Uint8Array = "") =>
  deliveryOf({ status, contentType, body: Buffer.from(body) }, NOW);

describe("only a collector's answer is success", () => {
  test.each<[string, number, string | undefined, string | Uint8Array]>([
    ["an empty response", 200, PROTOBUF, ""],
    ["partial success", 200, `${PROTOBUF}; charset=x`, encodeResponse({ rejected: 1, message: "forged" })],
    ["JSON", 200, "application/json", "{}"],
    ["JSON, partial success", 200, "application/json; charset=utf-8", '{"partialSuccess":{"rejectedLogRecords":"3"}}'],
  ])("%s", (_, status, type, body) => expect(answer(status, type, body).outcome).toBe("accepted"));
  test("the rejected records are counted", () => {
    expect(answer(200, "application/json", '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}}')).toEqual(
      {
        outcome: "accepted",
        rejected: 3,
        message: "x",
      },
    );
  });
  test.each<[string, number, string | undefined, string | Uint8Array]>([
    ["a login page", 200, "text/html", HTML],
    ["a page that calls itself protobuf", 200, PROTOBUF, HTML],
    ["an error that calls itself success", 200, PROTOBUF, encodeStatus({ code: 3, message: "no" })],
    ["a torn response", 200, PROTOBUF, encodeResponse({ rejected: 1, message: "forged" }).subarray(0, 5)],
    ["no content", 204, undefined, ""],
    ["nothing at all", 200, undefined, ""],
    ["another API", 200, "application/json", '{"status":"ok"}'],
    ["a list", 200, "application/json", "[]"],
    ["no JSON", 200, "application/json", ""],
  ])("%s is not", (_, status, type, body) => {
    const delivery = answer(status, type, body);
    expect(delivery.outcome).toBe("later");
    expect(delivery).toMatchObject({ reason: expect.stringMatching(/no collector's answer.*collector\.url/) });
  });
});

describe("only a collector's refusal is final", () => {
  const status = encodeStatus({ code: 3, message: "malformed" });
  test.each([400, 415, 422])("HTTP %i of a collector", (code) => {
    expect(answer(code, PROTOBUF, status)).toEqual({ outcome: "refused", reason: `HTTP ${code}: malformed` });
    expect(answer(code, "application/json", '{"code":3,"message":"malformed"}').outcome).toBe("refused");
  });
  test("an OpenTelemetry Collector may leave the code out", () =>
    expect(answer(400, PROTOBUF, encodeStatus({ code: 0, message: "x" })).outcome).toBe("refused"));
  test.each<[string, number, string | undefined, string | Uint8Array, RegExp]>([
    ["nginx, TLS", 400, "text/html", HTML, /write https:/],
    ["a proxy", 403, "text/html", "<html>Forbidden</html>", /HTTP 403 \(text\/html\).*proxy/],
    ["an API gateway", 400, "application/json", '{"message":"Bad Request"}', /another server/],
    ["a web framework", 400, "application/json", '{"code":400,"message":"Bad Request"}', /another server/],
    ["nothing", 400, PROTOBUF, "", /another server/],
    ["415 as text", 415, "text/plain", "unsupported", /another server/],
    ["a redirect", 302, "text/html", "", /leads elsewhere/],
    ["a proxy's login", 407, undefined, "", /login/],
    ["a gateway", 502, "text/html", "", /proxy may not reach/],
  ])("not that of %s: the records stay", (_, code, type, body, words) => {
    expect(answer(code, type, body)).toEqual({ outcome: "later", reason: expect.stringMatching(words) });
  });
  test("413: a collector's record is too large; a proxy's limit makes requests smaller, and drops nothing", () => {
    expect(answer(413, PROTOBUF, encodeStatus({ code: 8, message: "too large" })).outcome).toBe("too-large");
    expect(answer(413, "text/html", "<html>")).toMatchObject({ outcome: "later", sendLess: true });
  });
});

describe("Retry-After: ten minutes at most", () => {
  test.each([
    ["7", 7 * SECOND],
    ["86400", 10 * MINUTE],
    ["999999999999999999999999", 10 * MINUTE],
    ["Fri, 20 Nov 2026 12:00:30 GMT", 30 * SECOND],
    ["Fri, 01 Jan 2100 00:00:00 GMT", 10 * MINUTE],
    ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
  ])("%s", (header, expected) => expect(retryAfterMs(header, NOW)).toBe(expected));
  test.each(["soon", "", "-5", "1.5"])("%j says nothing to be obeyed for longer", (header) =>
    expect(retryAfterMs(header, NOW) ?? 0).toBeLessThanOrEqual(10 * MINUTE),
  );
  test("a date is judged by the clock of the server that wrote it", () => {
    const header = "Fri, 20 Nov 2026 12:00:30 GMT";
    const date = "Fri, 20 Nov 2026 12:00:00 GMT";
    expect(retryAfterMs(header, NOW - 60 * 24 * 60 * MINUTE, date)).toBe(30 * SECOND);
    expect(retryAfterMs(header, NOW + 60 * 24 * 60 * MINUTE, date)).toBe(30 * SECOND);
    expect(retryAfterMs(header, NOW - 60 * 24 * 60 * MINUTE)).toBe(10 * MINUTE);
  });
  test("the wait is never less than the back-off", () => expect(backOff(5, 1, 0)).toBe(16_000));
});
