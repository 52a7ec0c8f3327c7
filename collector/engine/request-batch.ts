export type Encoding = "protobuf" | "json";

/** One request's body, and what must be known to read it. */
export interface ReceivedRequest {
  readonly body: Uint8Array;
  readonly encoding: Encoding;
  readonly receivedAt: number;
  readonly imported: boolean;
  /** The names in the sender's client certificate; undefined where none was asked for. */
  readonly certified?: readonly string[];
}

/**
 * Many requests on their way to the engine's thread: one buffer that is handed over instead of a message and a buffer for
 * each, which would cost more than reading them.
 */
export interface RequestBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each body ends; it begins where the one before it ends. */
  readonly ends: Uint32Array;
  readonly receivedAt: Float64Array;
  readonly marks: Uint8Array;
  /** Absent where no certificates are asked for. */
  readonly certified?: readonly (readonly string[] | undefined)[];
}

const JSON_BODY = 1;
const IMPORTED = 2;

export const pack = (requests: readonly ReceivedRequest[]): RequestBatch => {
  const bytes = new Uint8Array(requests.reduce((sum, it) => sum + it.body.length, 0));
  const ends = new Uint32Array(requests.length);
  const receivedAt = new Float64Array(requests.length);
  const marks = new Uint8Array(requests.length);
  let end = 0;
  requests.forEach((it, i) => {
    bytes.set(it.body, end);
    end += it.body.length;
    ends[i] = end;
    receivedAt[i] = it.receivedAt;
    marks[i] = (it.encoding === "json" ? JSON_BODY : 0) | (it.imported ? IMPORTED : 0);
  });
  const batch = { bytes, ends, receivedAt, marks };
  return requests.some((it) => it.certified) ? { ...batch, certified: requests.map((it) => it.certified) } : batch;
};

/** The requests in their order; the bodies stay in the batch's buffer. */
export const unpack = ({ bytes, ends, receivedAt, marks, certified }: RequestBatch): ReceivedRequest[] =>
  Array.from(ends, (end, i) => ({
    body: bytes.subarray(ends[i - 1] ?? 0, end),
    encoding: marks[i]! & JSON_BODY ? "json" : "protobuf",
    receivedAt: receivedAt[i]!,
    imported: (marks[i]! & IMPORTED) !== 0,
    ...(certified?.[i] && { certified: certified[i] }),
  }));
