import { crc32 } from "node:zlib";
import type { EventFact } from "../../licensing/facts.ts";

/**
 * Events as an `.evtx` file (libevtx, "Windows XML Event Log (EVTX) format"), without templates: what a
 * test needs to go the real way through evtxexport.
 */
export const evtxOf = (facts: readonly EventFact[]): Buffer =>
  fileOf(facts.map((it) => ({ recordId: it.recordId ?? 0, at: Date.parse(it.time), xml: elementOf(it) })));

const elementOf = (it: EventFact): XmlElement => ({
  name: "Event",
  attributes: { xmlns: "http://schemas.microsoft.com/win/2004/08/events/event" },
  content: [
    {
      name: "System",
      content: [
        { name: "Provider", attributes: { Name: it.provider } },
        { name: "EventID", attributes: { Qualifiers: "16384" }, content: String(it.eventId) },
        { name: "TimeCreated", attributes: { SystemTime: it.time } },
        { name: "EventRecordID", content: String(it.recordId ?? 0) },
        { name: "Channel", content: it.channel ?? "Application" },
        { name: "Computer", content: it.computer },
      ],
    },
    { name: "EventData", content: it.data.map((text) => ({ name: "Data", content: text })) },
  ],
});

interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content?: string | readonly XmlElement[];
}

const CHUNK = 65_536;
const FILE_HEADER = 4_096;
const RECORDS_AT = 512;
/** Between 1601 and 1970, in milliseconds. */
const EPOCH_1601 = 11_644_473_600_000;

type Recorded = { readonly recordId: number; readonly at: number; readonly xml: XmlElement };

const fileOf = (events: readonly Recorded[]): Buffer => {
  const chunks: Buffer[] = [];
  let rest = events;
  while (rest.length > 0) {
    const { chunk, written } = chunkOf(rest, events.length - rest.length + 1);
    chunks.push(chunk);
    rest = rest.slice(written);
  }
  const header = Buffer.alloc(FILE_HEADER);
  header.write("ElfFile\0", 0, "latin1");
  header.writeBigUInt64LE(BigInt(chunks.length - 1), 16);
  header.writeBigUInt64LE(BigInt(events.at(-1)!.recordId + 1), 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(FILE_HEADER, 40);
  header.writeUInt16LE(chunks.length, 42);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
};

/** As many of the events as one chunk holds; `number` is that of the first in the file. */
const chunkOf = (events: readonly Recorded[], number: number): { chunk: Buffer; written: number } => {
  const chunk = Buffer.alloc(CHUNK);
  let at = RECORDS_AT;
  let last = at;
  let written = 0;
  for (const { recordId, at: time, xml } of events) {
    const body = fragment(xml, at + 24);
    const size = 24 + body.length + 4;
    if (at + size > CHUNK) break;
    chunk.writeUInt32LE(0x00002a2a, at);
    chunk.writeUInt32LE(size, at + 4);
    chunk.writeBigUInt64LE(BigInt(recordId), at + 8);
    chunk.writeBigUInt64LE(BigInt(Math.round(time) + EPOCH_1601) * 10_000n, at + 16);
    body.copy(chunk, at + 24);
    chunk.writeUInt32LE(size, at + size - 4);
    last = at;
    at += size;
    written += 1;
  }
  chunk.write("ElfChnk\0", 0, "latin1");
  chunk.writeBigUInt64LE(BigInt(number), 8);
  chunk.writeBigUInt64LE(BigInt(number + written - 1), 16);
  chunk.writeBigUInt64LE(BigInt(events[0]!.recordId), 24);
  chunk.writeBigUInt64LE(BigInt(events[written - 1]!.recordId), 32);
  chunk.writeUInt32LE(128, 40);
  chunk.writeUInt32LE(last, 44);
  chunk.writeUInt32LE(at, 48);
  chunk.writeUInt32LE(crc32(chunk.subarray(RECORDS_AT, at)), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124);
  return { chunk, written };
};

/** Binary XML; names stand where they are used, so the place in the chunk matters. */
const fragment = (root: XmlElement, at: number): Buffer =>
  Buffer.concat([Buffer.from([0x0f, 1, 1, 0]), element(root, at + 4), Buffer.from([0])]);

const element = ({ name, attributes = {}, content = [] }: XmlElement, at: number): Buffer => {
  const pairs = Object.entries(attributes);
  // Token, dependency identifier, size, offset of the name.
  const head = Buffer.alloc(11);
  head[0] = pairs.length > 0 ? 0x41 : 0x01;
  head.writeUInt16LE(0xffff, 1);
  head.writeUInt32LE(at + 11, 7);
  const parts = [head, nameOf(name)];
  const here = () => at + parts.reduce((sum, it) => sum + it.length, 0);
  if (pairs.length > 0) {
    const size = Buffer.alloc(4);
    parts.push(size);
    const start = here();
    for (const [i, [key, value]] of pairs.entries()) {
      const attribute = Buffer.alloc(5);
      attribute[0] = i < pairs.length - 1 ? 0x46 : 0x06;
      attribute.writeUInt32LE(here() + 5, 1);
      parts.push(attribute, nameOf(key), text(value));
    }
    size.writeUInt32LE(here() - start);
  }
  parts.push(Buffer.from([0x02]));
  if (typeof content === "string") {
    if (content !== "") parts.push(text(content));
  } else for (const it of content) parts.push(element(it, here()));
  parts.push(Buffer.from([0x04]));
  head.writeUInt32LE(here() - at - 7, 3);
  return Buffer.concat(parts);
};

const text = (value: string): Buffer => {
  const head = Buffer.from([0x05, 0x01, 0, 0]);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, Buffer.from(value, "utf16le")]);
};

const nameOf = (name: string): Buffer => {
  const head = Buffer.alloc(8);
  let hash = 0;
  for (const it of name) hash = (Math.imul(hash, 65_599) + it.charCodeAt(0)) >>> 0;
  head.writeUInt16LE(hash & 0xffff, 4);
  head.writeUInt16LE(name.length, 6);
  return Buffer.concat([head, Buffer.from(`${name}\0`, "utf16le")]);
};
