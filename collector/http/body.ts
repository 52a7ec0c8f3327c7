import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, gunzipSync } from "node:zlib";
import type { AdmissionControl } from "./admission-control.ts";
import { Refusal } from "./refusal.ts";

/**
 * Reads a request's body as it came; a refusal (413, 429) is a value. What is refused is still read to its end and thrown away: a
 * sender that is answered while it sends, and whose connection is reset, never sees the answer.
 */
export const readBody = (
  stream: IncomingMessage,
  { maxBodySize, admission }: { maxBodySize: number; admission: AdmissionControl },
): Promise<Buffer | Refusal> =>
  new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const refuse = (refusal: Refusal) => {
      chunks = [];
      arriving.end();
      resolve(refusal);
    };
    const arriving = admission.open(() =>
      refuse(new Refusal(429, "More is arriving than fits into memory; try later.")),
    );
    stream.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodySize) refuse(tooLarge(maxBodySize));
      else if (arriving.arrived(chunk.length)) chunks.push(chunk);
    });
    stream.once("end", () => {
      arriving.end();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    for (const it of ["error", "close"]) stream.once(it, () => refuse(new Refusal(400, "The body ended too early.")));
    if (Number(stream.headers["content-length"]) > maxBodySize) refuse(tooLarge(maxBodySize));
  });

/** So much is decompressed at once, in this thread; what is larger goes to zlib's own threads, few at a time. */
const AT_ONCE = 256 * 1_024;
const LARGE_AT_A_TIME = 2;
/** Compressed bodies that wait for their turn. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_MIN = 1_024;
const inflateLarge = promisify(gunzip);

/** Decompresses bodies, so that one of the largest size does not hold up the small ones. */
export const decompressor = (maxBodySize: number) => {
  let waiting = 0;
  const turns = Array.from({ length: LARGE_AT_A_TIME }, () => Promise.resolve() as Promise<unknown>);
  let next = 0;
  /** @throws Refusal (400, 413) */
  return async (body: Buffer): Promise<Uint8Array> => {
    try {
      if (claimedSize(body) <= AT_ONCE) return gunzipSync(body, optionsFor(body, Math.min(AT_ONCE, maxBodySize)));
    } catch (cause) {
      if (!isTooLarge(cause)) throw NO_GZIP();
      if (maxBodySize <= AT_ONCE) throw tooLarge(maxBodySize);
    }
    if (waiting > WAITING_BYTES_MAX) throw new Refusal(429, "More has arrived than can be decompressed; try later.");
    waiting += body.length;
    const turn = next;
    next = (next + 1) % LARGE_AT_A_TIME;
    const inflated = turns[turn]!.then(() => inflateLarge(body, optionsFor(body, maxBodySize)));
    turns[turn] = inflated.catch(() => {});
    try {
      return await inflated;
    } catch (cause) {
      throw isTooLarge(cause) ? tooLarge(maxBodySize) : NO_GZIP();
    } finally {
      waiting -= body.length;
    }
  };
};

/** The last four bytes of gzip claim the size of what is in it (RFC 1952); the claim may be false. */
const claimedSize = (gzip: Buffer): number => (gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4));

/** Space for the claimed length and one more byte decodes it in one step. A false claim costs further steps, nothing else. */
const optionsFor = (gzip: Buffer, maxOutputLength: number) => ({
  maxOutputLength,
  chunkSize: Math.max(CHUNK_MIN, Math.min(claimedSize(gzip) + 1, AT_ONCE, maxOutputLength)),
});

const isTooLarge = (cause: unknown): boolean => (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";

const NO_GZIP = () => new Refusal(400, "The body is not gzip, though Content-Encoding says so.");

export const tooLarge = (maxBodySize: number): Refusal =>
  new Refusal(413, `The body is larger than otlp.max_body_size (${maxBodySize} bytes); send less at once.`);
