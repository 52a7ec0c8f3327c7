const utf8 = new TextEncoder();
const LENGTH_BYTES = 5;

/** Writes protobuf (protobuf.dev, "Encoding") into one growing buffer. */
export class ProtobufWriter {
  #bytes = new Uint8Array(4_096);
  #at = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** A nested message; its length is known once it is written, so space is left before it and closed afterwards. */
  message(field: number, write: () => void): void {
    this.#varint(field * 8 + 2);
    const start = this.#at;
    this.#reserve(LENGTH_BYTES);
    this.#at += LENGTH_BYTES;
    write();
    const length = this.#at - start - LENGTH_BYTES;
    this.#at = start;
    this.#varint(length);
    this.#bytes.copyWithin(this.#at, start + LENGTH_BYTES, start + LENGTH_BYTES + length);
    this.#at += length;
  }

  /** An empty text is left out, as protobuf does, unless it is one of a choice (`keep`). */
  text(field: number, text: string, keep = false): void {
    if (text === "" && !keep) return;
    this.#varint(field * 8 + 2);
    const most = text.length * 3;
    this.#reserve(LENGTH_BYTES + most);
    const start = this.#at + LENGTH_BYTES;
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(start, start + most));
    this.#varint(written);
    this.#bytes.copyWithin(this.#at, start, start + written);
    this.#at += written;
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  int(field: number, value: bigint): void {
    this.#varint(field * 8);
    let rest = BigInt.asUintN(64, value);
    this.#reserve(10);
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  fixed64(field: number, value: bigint): void {
    this.#varint(field * 8 + 1);
    this.#view(8).setBigUint64(0, value, true);
    this.#at += 8;
  }

  double(field: number, value: number): void {
    this.#varint(field * 8 + 1);
    this.#view(8).setFloat64(0, value, true);
    this.#at += 8;
  }

  #view(length: number): DataView {
    this.#reserve(length);
    return new DataView(this.#bytes.buffer, this.#at, length);
  }

  #varint(value: number): void {
    this.#reserve(LENGTH_BYTES);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
