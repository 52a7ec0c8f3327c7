import {
  KEYS_MAX,
  OtlpError,
  RECORD_VALUES_MAX,
  RECORDS_MAX,
  tooManyKeys,
  tooManyRecords,
  tooManyRecordValues,
  tooManyValues,
  VALUES_MAX,
} from "./logs.ts";

/** A value makes up to three messages: itself, its pair, what holds it. */
const MESSAGES_MAX = 3 * VALUES_MAX;
const KNOWN_KEYS_MAX = 4_096;
const KEY_LENGTH_MAX = 256;

/**
 * A cursor over protobuf bytes (protobuf.dev, "Encoding"). Every read is checked against the end of the message it is in.
 * Short keys are interned: a fleet sends the same few hundred in every record.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text: Buffer;
  #at = 0;
  #end: number;
  #wire = 0;
  #values = 0;
  #messages = 0;
  #records = 0;
  #recordStart = 0;
  #newKeys = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's slice would share its memory.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** The number of the next field, or 0 at the end of the message. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.#varint32();
    this.#wire = tag & 7;
    const field = tag >>> 3;
    if (field === 0) throw new OtlpError("Not protobuf: a field has the number 0.");
    return field;
  }

  /** Enters a nested message; give what it returns to `leave`. */
  enter(): number {
    this.#messages += 1;
    if (this.#messages > MESSAGES_MAX) throw tooManyValues();
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#at + length;
    return outer;
  }
  /** The same for a value, of which a record and a request may have so many and no more. */
  enterValue(): number {
    this.#values += 1;
    if (this.#values > VALUES_MAX) throw tooManyValues();
    if (this.#values - this.#recordStart > RECORD_VALUES_MAX) throw tooManyRecordValues();
    return this.enter();
  }
  /** The same for a record. */
  enterRecord(): number {
    this.#records += 1;
    if (this.#records > RECORDS_MAX) throw tooManyRecords();
    this.#recordStart = this.#values;
    return this.enter();
  }
  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  /** Through Buffer, which makes a text in a fraction of TextDecoder's time. */
  text(): string {
    const length = this.#length();
    const start = this.#at;
    this.#at += length;
    return this.#text.toString("utf8", start, this.#at);
  }

  /** A text that will be met again: the same string object each time. */
  key(): string {
    const length = this.#length();
    const start = this.#at;
    this.#at += length;
    if (length >= KEY_LENGTH_MAX) return this.#newKey(start);
    let hash = length;
    for (let i = start; i < this.#at; i += 1) hash = (Math.imul(hash, 31) + this.#bytes[i]!) | 0;
    const known = KEYS.get(hash);
    if (known && this.#equals(known.bytes, start)) return known.text;
    const text = this.#newKey(start);
    // Begun anew when it is full: who sends keys without end does not drive out the fleet's for good.
    if (KEYS.size >= KNOWN_KEYS_MAX) KEYS.clear();
    KEYS.set(hash, { bytes: this.#bytes.slice(start, this.#at), text });
    return text;
  }

  #newKey(start: number): string {
    this.#newKeys += 1;
    if (this.#newKeys > KEYS_MAX) throw tooManyKeys();
    return this.#text.toString("utf8", start, this.#at);
  }

  #equals(known: Uint8Array, start: number): boolean {
    if (known.length !== this.#at - start) return false;
    for (let i = 0; i < known.length; i += 1) if (known[i] !== this.#bytes[start + i]) return false;
    return true;
  }

  bytes(): Uint8Array {
    const length = this.#length();
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  fixed64(): bigint {
    this.#need(1, 8);
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  double(): number {
    this.#need(1, 8);
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  int64(): bigint {
    this.#wireIs(0);
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw cut();
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new OtlpError("Not protobuf: a number has more than ten bytes.");
  }

  /** Small integers, by far the most, without a bigint. */
  int(): number | bigint {
    this.#wireIs(0);
    const start = this.#at;
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 7; i += 1) {
      if (this.#at >= this.#end) throw cut();
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    this.#at = start;
    const big = this.int64();
    return big >= -9007199254740991n && big <= 9007199254740991n ? Number(big) : big;
  }

  skip(): void {
    if (this.#wire === 0) this.int64();
    else if (this.#wire === 1) this.fixed64();
    else if (this.#wire === 2) {
      const length = this.#length();
      this.#at += length;
    } else if (this.#wire === 5) {
      this.#need(5, 4);
      this.#at += 4;
    } else throw new OtlpError(`Not protobuf: wire type ${this.#wire}.`);
  }

  #length(): number {
    this.#wireIs(2);
    const length = this.#varint32();
    if (length > this.#end - this.#at) throw cut();
    return length;
  }

  #varint32(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i += 1, factor *= 128) {
      if (this.#at >= this.#end) throw cut();
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new OtlpError("Not protobuf: a length or tag is too large.");
  }

  #need(wire: number, length: number): void {
    this.#wireIs(wire);
    if (length > this.#end - this.#at) throw cut();
  }

  #wireIs(wire: number): void {
    if (this.#wire !== wire) throw new OtlpError("Not an OTLP logs request: a field has another type than it should.");
  }
}

/** One for the process: the keys of all requests are the same. */
const KEYS = new Map<number, { bytes: Uint8Array; text: string }>();

const cut = (): OtlpError => new OtlpError("The request is cut off: a field reaches beyond its end.");
