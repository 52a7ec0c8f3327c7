import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bindPdu, readBindAnswer } from "../../../agent/probe/rpc-bind.ts";

const CALL = 7;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s+/g, ""), "hex");

/** By hand from C706, as a Windows KMS host answers: port "1688" as secondary address, padded, one result. */
const ACK = hex(`
  05 00 0c 03 10000000 3c00 0000 07000000
  d016 d016 34120000
  0500 31363838 00 00
  01 000000
  0000 0000 045d888aeb1cc9119fe808002b104860 02000000`);
const NAK = hex("05 00 0d 03 10000000 1500 0000 07000000 0400 01 05 00");
const BIG_ENDIAN_ACK = hex(`
  05 00 0c 03 00000000 0038 0000 00000007
  16d0 16d0 00001234
  0001 00 00
  01 000000
  0000 0000 8a885d041ceb11c99fe808002b104860 00020000`);

const changed = (at: number, ...values: number[]): Buffer => {
  const bytes = Buffer.from(ACK);
  bytes.set(values, at);
  return bytes;
};

test("the BIND is the one of C706, byte by byte, and no other PDU can be made", () => {
  expect(bindPdu(CALL)).toEqual(
    hex(`
      05 00 0b 03 10000000 4800 0000 07000000
      d016 d016 00000000
      01 000000
      0000 01 00
      7521c8514e845047b0d8ec255555bc06 0100 0000
      045d888aeb1cc9119fe808002b104860 02000000`),
  );
});

describe("an answer", () => {
  test.each([
    ["an acknowledgement", "accepted", ACK],
    ["in the other byte order", "accepted", BIG_ENDIAN_ACK],
    ["version 5.1", "accepted", changed(1, 1)],
    ["bytes after it", "accepted", Buffer.concat([ACK, ACK])],
    ["a refusal", "rejected", NAK],
    ["a fault", "rejected", changed(2, 3)],
    ["the interface is not offered", "rejected", changed(36, 2, 0, 1, 0)],
    ["refused by the user", "rejected", changed(36, 1)],
    ["a negotiation that nobody asked for", "malformed", changed(36, 3)],
    ["a result that does not exist", "malformed", changed(36, 200)],
    ["another transfer syntax", "malformed", changed(40, 0x33)],
    ["another version of it", "malformed", changed(56, 1)],
    ["a response", "malformed", changed(2, 2)],
    ["version 4", "malformed", changed(0, 4)],
    ["another call", "malformed", changed(12, 8)],
    ["a first fragment of many", "malformed", changed(3, 1)],
    ["a fragment longer than announced", "malformed", changed(8, 0xff, 0xff)],
    ["a fragment shorter than its head", "malformed", changed(8, 3, 0)],
    ["an address that reaches beyond the end", "malformed", changed(24, 0xff, 0xff)],
    ["no result at all", "malformed", changed(32, 0)],
    ["two results", "malformed", changed(32, 2)],
    ["a trailer longer than everything", "malformed", changed(10, 0xff, 0x00)],
    ["a refusal without its reason", "malformed", hex("05 00 0d 03 10000000 1000 0000 07000000")],
    ["a web server", "malformed", Buffer.from("HTTP/1.1 400 Bad Request\r\n")],
    ["a banner", "malformed", Buffer.from("S")],
    ["nothing yet", "incomplete", Buffer.alloc(0)],
  ] as const)("%s: %s", (_, answer, bytes) => {
    expect(readBindAnswer(bytes, CALL).answer).toBe(answer);
  });
  test("that is cut off anywhere waits for the rest", () => {
    for (const whole of [ACK, NAK])
      for (let length = 0; length < whole.length; length += 1)
        expect(readBindAnswer(whole.subarray(0, length), CALL)).toEqual({ answer: "incomplete" });
  });
  test("with any one byte changed ends in one of the four", () => {
    const answers = new Set<string>();
    for (let at = 0; at < ACK.length; at += 1)
      for (let value = 0; value < 256; value += 1) answers.add(readBindAnswer(changed(at, value), CALL).answer);
    expect([...answers].sort()).toEqual(["accepted", "incomplete", "malformed", "rejected"]);
  });
  test("of any bytes behind a head that fits ends in one of the four, and is never accepted by chance", () => {
    fc.assert(
      fc.property(fc.constantFrom(12, 13), fc.uint8Array({ maxLength: 200 }), (type, rest) => {
        const bytes = Buffer.concat([ACK.subarray(0, 16), rest]);
        bytes.writeUInt8(type, 2);
        bytes.writeUInt16LE(bytes.length, 8);
        return ["malformed", "rejected"].includes(readBindAnswer(bytes, CALL).answer);
      }),
    );
  });
});
