/**
 * The two messages of DCE/RPC that this agent knows: BIND, which it sends, and the answer to it. C706, chapter 12.6
 * ("Connection-oriented RPC PDUs"); [MS-RPCE] 2.2.2. There is no REQUEST here, so nothing can be asked of a KMS host, and
 * its count of clients cannot change.
 */

/** The interface of the Key Management Service, version 1.0. */
const KMS_INTERFACE = "51c82175-844e-4750-b0d8-ec255555bc06";
/** NDR, version 2.0: the transfer syntax that every RPC server knows. */
const NDR = "8a885d04-1ceb-11c9-9fe8-08002b104860";

const BIND = 11;
const BIND_ACK = 12;
const BIND_NAK = 13;
const FAULT = 3;
const HEADER = 16;
const ONE_FRAGMENT = 0x03;
/** What we announce as the longest fragment that we take. */
const FRAGMENT_MAX = 5_840;

/** A BIND for the KMS interface in one fragment, little-endian. */
export const bindPdu = (callId: number): Buffer => {
  const pdu = Buffer.alloc(72);
  pdu.set([5, 0, BIND, ONE_FRAGMENT, 0x10]);
  pdu.writeUInt16LE(pdu.length, 8);
  pdu.writeUInt32LE(callId, 12);
  pdu.writeUInt16LE(FRAGMENT_MAX, 16);
  pdu.writeUInt16LE(FRAGMENT_MAX, 18);
  // No association group yet; one context, number 0, with one transfer syntax.
  pdu.set([1], 24);
  pdu.set([1], 30);
  pdu.set(uuidBytes(KMS_INTERFACE), 32);
  pdu.writeUInt16LE(1, 48);
  pdu.set(uuidBytes(NDR), 52);
  pdu.writeUInt32LE(2, 68);
  return pdu;
};

/** What the bytes received so far are. `rejected`: RPC is spoken there, and the KMS interface is not offered. */
export type BindAnswer =
  | { readonly answer: "incomplete" }
  | { readonly answer: "accepted" }
  | { readonly answer: "rejected"; readonly reason: string }
  | { readonly answer: "malformed"; readonly reason: string };

const malformed = (reason: string): BindAnswer => ({ answer: "malformed", reason });

/** Reads the answer as far as it has arrived; tells as soon as it cannot become one any more. */
export const readBindAnswer = (bytes: Uint8Array, callId: number): BindAnswer => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 0 && bytes[0] !== 5) return malformed("not RPC version 5");
  if (bytes.length > 1 && bytes[1]! > 1) return malformed("not RPC version 5.0 or 5.1");
  const type = bytes[2];
  if (type !== undefined && type !== BIND_ACK && type !== BIND_NAK && type !== FAULT)
    return malformed(`message type ${type} is no answer to a bind`);
  if (bytes.length < HEADER) return { answer: "incomplete" };
  const little = bytes[4]! >> 4 === 1;
  const length = view.getUint16(8, little);
  if (length < HEADER || length > FRAGMENT_MAX) return malformed(`a fragment of ${length} bytes`);
  if ((bytes[3]! & ONE_FRAGMENT) !== ONE_FRAGMENT) return malformed("an answer to a bind is one fragment");
  if (view.getUint32(12, little) !== callId) return malformed("an answer to another call");
  if (bytes.length < length) return { answer: "incomplete" };
  if (type === FAULT) return { answer: "rejected", reason: "fault" };
  const trailer = view.getUint16(10, little);
  if (trailer > length - HEADER) return malformed("a trailer longer than the message");
  const body = new DataView(bytes.buffer, bytes.byteOffset, length - trailer);
  return type === BIND_NAK ? readNak(body, little) : readAck(body, little);
};

const readNak = (body: DataView, little: boolean): BindAnswer =>
  body.byteLength < HEADER + 2
    ? malformed("a bind_nak without its reason")
    : { answer: "rejected", reason: `bind_nak ${body.getUint16(HEADER, little)}` };

const ACCEPTED = 0;
const NEGOTIATED = 3;

/** The port that the service calls itself by, padded to four bytes, stands before the results. */
const readAck = (body: DataView, little: boolean): BindAnswer => {
  const address = HEADER + 8;
  if (body.byteLength < address + 2) return malformed("a bind_ack that is too short");
  const results = align4(address + 2 + body.getUint16(address, little));
  if (body.byteLength < results + 4 + 24) return malformed("a bind_ack without a result");
  if (body.getUint8(results) !== 1) return malformed(`${body.getUint8(results)} results for one context`);
  const result = body.getUint16(results + 4, little);
  if (result >= NEGOTIATED) return malformed(`result ${result} for a context of ours`);
  if (result !== ACCEPTED)
    return { answer: "rejected", reason: `result ${result}, reason ${body.getUint16(results + 6, little)}` };
  const syntax = uuidText(body, results + 8, little);
  return syntax === NDR && body.getUint16(results + 24, little) === 2
    ? { answer: "accepted" }
    : malformed("another transfer syntax than the one offered");
};

const align4 = (at: number): number => (at + 3) & ~3;

/** The first three fields of a UUID follow the byte order of the message, the other eight bytes do not. */
const uuidBytes = (uuid: string): Uint8Array => {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
};
const uuidText = (view: DataView, at: number, little: boolean): string => {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  const rest = Array.from({ length: 8 }, (_, i) => hex(view.getUint8(at + 8 + i), 2)).join("");
  const head = [hex(view.getUint32(at, little), 8), hex(view.getUint16(at + 4, little), 4)];
  return [...head, hex(view.getUint16(at + 6, little), 4), rest.slice(0, 4), rest.slice(4)].join("-");
};
