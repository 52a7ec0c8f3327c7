/**
 * Just enough of the ustar format (POSIX.1-2008, pax, "ustar Interchange Format") for bundles: regular files with short
 * names, written so that every tar opens them, and read strictly.
 */
const BLOCK = 512;
const NAME_MAX = 100;

/** One file of an archive, with its header and padding. Time and owner are fixed: the same content makes the same bytes. */
export const tarEntry = (name: string, content: Uint8Array): Buffer => {
  const header = Buffer.alloc(BLOCK);
  if (name.length > NAME_MAX) throw new Error(`${name} is too long a name for an archive.`);
  header.write(name, 0, "latin1");
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${octal(content.length)}\0`, 124);
  header.write(`${octal(0)}\0`, 136);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc(padding(content.length))]);
};

export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK);

export interface TarFile {
  readonly name: string;
  readonly content: Buffer;
}

/** What is wrong with an archive, to follow its name in a sentence. */
export class TarError extends Error {}

/**
 * The regular files of an archive, one at a time, so that a large one does not have to fit into memory. Directories and pax
 * headers, which another tar adds when it packs the same files again, are passed over.
 *
 * @throws TarError when it is cut off, is no archive, or holds a file larger than `sizeMax`.
 */
export async function* tarFiles(chunks: AsyncIterable<Uint8Array>, sizeMax: number): AsyncGenerator<TarFile> {
  const iterator = chunks[Symbol.asyncIterator]();
  const take = taker(iterator);
  for (;;) {
    const header = await take(BLOCK);
    if (header.every((it) => it === 0)) {
      // To its very end: only then has gzip checked its last sum.
      while (!(await iterator.next()).done);
      return;
    }
    if (number(header, 148, 8) !== checksum(header)) throw new TarError("is no tar archive, or was changed");
    const size = number(header, 124, 12);
    if (!(size <= sizeMax)) throw new TarError(`holds a file of ${size} bytes; ${sizeMax} are allowed`);
    const content = await take(size);
    await take(padding(size));
    const type = String.fromCharCode(header[156]!);
    const prefix = text(header, 345, 155);
    const name = `${prefix && `${prefix}/`}${text(header, 0, NAME_MAX)}`.replace(/^(\.\/)+/, "");
    if (type === "0" || type === "\0") yield { name, content };
    else if (!"5xg".includes(type)) throw new TarError(`holds ${name}, which is no regular file`);
  }
}

/** Takes so many bytes off a stream. */
const taker = (iterator: AsyncIterator<Uint8Array>): ((length: number) => Promise<Buffer>) => {
  let waiting: Uint8Array[] = [];
  let available = 0;
  return async (length) => {
    while (available < length) {
      const { value, done } = await iterator.next();
      if (done) throw new TarError("is cut off");
      waiting.push(value);
      available += value.length;
    }
    const all = Buffer.concat(waiting);
    waiting = [all.subarray(length)];
    available -= length;
    return all.subarray(0, length);
  };
};

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;
const octal = (value: number): string => value.toString(8).padStart(11, "0");
const text = (header: Buffer, at: number, length: number): string =>
  header
    .subarray(at, at + length)
    .toString("latin1")
    .replace(/\0.*$/s, "");
const number = (header: Buffer, at: number, length: number): number => {
  const digits = text(header, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
};
/** The sum of the header's bytes, its own eight counted as spaces. */
const checksum = (header: Buffer): number => header.reduce((sum, it, i) => sum + (i >= 148 && i < 156 ? 0x20 : it), 0);
