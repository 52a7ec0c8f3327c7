import type { Random } from "../oracle/random.ts";

const NUMBERS = ["-1", "0", "1e999", "-1e308", "18446744073709551616", "9007199254740993", "NaN", '""', "null", "{}"];
const TOKENS = ["[[[[[[[[", "{{{{", "\\u0000", "\ud800", '"__proto__":', "}]}]}", "\u0000", "'", "<!--", "\n\n\n"];

type Mutation = (bytes: Buffer, random: Random) => Buffer;
const at = (bytes: Buffer, random: Random): number => random.whole(0, Math.max(0, bytes.length - 1));
const spliced = (bytes: Buffer, from: number, length: number, put: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + length)]);

const MUTATIONS: readonly Mutation[] = [
  // One bit, one byte, a cut end, a hole, a repeated part, random bytes.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const place = at(copy, random);
    if (copy.length > 0) copy[place]! ^= 1 << random.whole(0, 7);
    return copy;
  },
  (bytes, random) => spliced(bytes, at(bytes, random), 1, Buffer.from([random.pick([0, 0x7f, 0x80, 0xff, 0x0a])])),
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => spliced(bytes, at(bytes, random), random.whole(1, 200), Buffer.alloc(0)),
  (bytes, random) => {
    const from = at(bytes, random);
    const part = bytes.subarray(from, from + random.whole(1, 400));
    return spliced(bytes, from, 0, Buffer.concat(Array.from({ length: random.whole(1, 50) }, () => part)));
  },
  (bytes, random) =>
    spliced(
      bytes,
      at(bytes, random),
      4,
      Buffer.from(Array.from({ length: random.whole(1, 40) }, () => random.whole(0, 255))),
    ),
  // Lengths that reach far beyond the end.
  (bytes, random) => spliced(bytes, at(bytes, random), 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])),
  // What text cares about: numbers, brackets, names.
  (bytes, random) => {
    const text = bytes.toString("latin1");
    const digits = [...text.matchAll(/\d+/g)];
    if (digits.length === 0) return bytes;
    const { index, 0: found } = random.pick(digits);
    return spliced(bytes, index, found.length, Buffer.from(random.pick(NUMBERS)));
  },
  (bytes, random) =>
    spliced(bytes, at(bytes, random), 0, Buffer.from(random.pick(TOKENS).repeat(random.whole(1, 200)))),
];

/** A well-formed body, damaged in one to four places. */
export const mutated = (bytes: Uint8Array, random: Random): Buffer => {
  let damaged: Buffer = Buffer.from(bytes);
  for (let left = random.whole(1, 4); left > 0; left -= 1) damaged = random.pick(MUTATIONS)(damaged, random);
  return damaged;
};

const ODD: readonly unknown[] = [
  "",
  "\u0000",
  "\ud800",
  "x".repeat(70_000),
  "__proto__",
  "constructor",
  "9".repeat(400),
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "9999-12-31T23:59:59.9999999Z",
  "-1",
  -1,
  1e308,
  true,
  null,
  [],
  {},
  { stringValue: 7 },
  { arrayValue: { values: [{}, {}, {}] } },
];

/** Well-formed JSON of which one to four leaves are odd: what passes the parser, and must not trip what interprets it. */
export const withOddValues = (json: string, random: Random): string => {
  const value: unknown = JSON.parse(json);
  for (let left = random.whole(1, 4); left > 0; left -= 1) replaceLeaf(value, random);
  return JSON.stringify(value);
};

const replaceLeaf = (root: unknown, random: Random): void => {
  for (let at = root as Record<string, unknown>; ; ) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = random.pick(keys);
    const below = at[key];
    if (typeof below !== "object" || below === null) {
      at[key] = random.pick(ODD);
      return;
    }
    at = below as Record<string, unknown>;
  }
};
