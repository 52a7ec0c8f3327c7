import type { TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Clock } from "../../licensing/time.ts";
import { responseJson } from "../../otlp/json.ts";
import { STATUS_CODE } from "../../otlp/logs.ts";
import { encodeResponse, encodeStatus } from "../../otlp/protobuf.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import type { Encoding } from "../engine/request-batch.ts";
import { IMPORT_HEADER, OUTCOMES_HEADER, outcomesText } from "../import/import-headers.ts";
import { receiving } from "./admission-control.ts";
import type { OwnMetrics } from "./process-metrics.ts";
import { certifiedNames, listener, type ServerTls } from "./tls.ts";

export interface OtlpOptions {
  readonly engine: EngineClient;
  readonly metrics: OwnMetrics;
  readonly clock: Clock;
  readonly maxBodySize: number;
  readonly authorise: ((authorization: string | undefined) => boolean) | undefined;
  readonly tls: ServerTls | undefined;
}

const TYPES: Readonly<Record<string, Encoding>> = {
  "application/x-protobuf": "protobuf",
  "application/json": "json",
};
/** A body must be complete within this time: slow senders do not hold connections. */
const BODY_TIMEOUT_MS = 30_000;
/** Uncommitted requests beyond this are refused with 429, so that memory stays bounded when the disk is slow. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 5;

/** A refusal with its HTTP status: what the sender gets, in the encoding of its request. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** OTLP/HTTP for logs: limits, authentication, encodings; 2xx only after the commit. */
export const otlpServer = (options: OtlpOptions): FastifyInstance => {
  const { maxBodySize, metrics, tls } = options;
  const app = fastify({
    bodyLimit: maxBodySize,
    requestTimeout: BODY_TIMEOUT_MS,
    keepAliveTimeout: 120_000,
    forceCloseConnections: true,
    ...listener(tls),
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(Object.keys(TYPES), { parseAs: "buffer" }, (_, body, done) => done(null, body));
  if (options.authorise) {
    const { authorise } = options;
    app.addHook("onRequest", async (request, reply) => {
      if (authorise(request.headers.authorization)) return;
      reply.header("www-authenticate", "Bearer");
      throw new Refusal(401, "A bearer token is needed, and the one given is not in otlp.tokens_file.");
    });
  }
  const bodies = receiving();
  app.addHook("onRequest", (request, reply, done) => {
    const arrived = request.method === "POST" ? bodies.admit(request.headers["content-length"]) : () => {};
    if (!arrived) return void done(new Refusal(429, "More is on its way than fits into memory; try later."));
    request.raw.once("end", arrived);
    reply.raw.once("close", arrived);
    done();
  });
  app.addHook("onResponse", (_, reply, done) => {
    metrics.requests.inc({ code: String(reply.statusCode) });
    metrics.requestDuration.observe(reply.elapsedTime / 1_000);
    done();
  });
  app.setErrorHandler((cause: Error & { statusCode?: number; code?: string; status?: number }, request, reply) =>
    refuse(request, reply, refusalOf(cause, maxBodySize)),
  );
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, new Refusal(404, "Only POST /v1/logs is served here.")),
  );
  app.post("/v1/logs", (request, reply) => takeLogs(request, reply, options));
  return app;
};

const takeLogs = async (request: FastifyRequest, reply: FastifyReply, options: OtlpOptions): Promise<void> => {
  const { engine, clock, maxBodySize } = options;
  const encoding = encodingOf(request);
  if (engine.pendingBytes > PENDING_BYTES_MAX)
    throw new Refusal(429, "More has arrived than can be stored; try later.");
  const body = inflate(request, maxBodySize);
  const imported = request.headers[IMPORT_HEADER] === "true";
  const certified = options.tls?.requestCert ? certifiedNames(request.raw.socket as TLSSocket) : undefined;
  const submitted = await engine.submit({
    body,
    encoding,
    receivedAt: clock(),
    imported,
    ...(certified && { certified }),
  });
  if (submitted.outcome === "malformed") throw new Refusal(400, submitted.reason);
  if (submitted.outcome === "forbidden") throw new Refusal(403, submitted.reason);
  if (submitted.outcome === "failed") throw new Refusal(503, `It could not be stored: ${submitted.reason}`);
  const { receipt } = submitted;
  if (receipt.outcomes) reply.header(OUTCOMES_HEADER, outcomesText(receipt.outcomes));
  if (encoding === "json") return void reply.type("application/json").send(responseJson(receipt));
  const encoded = encodeResponse(receipt);
  // Nothing to say is an empty message, and as text it leaves in one write with the head.
  reply.type("application/x-protobuf").send(encoded.length === 0 ? "" : Buffer.from(encoded));
};

const encodingOf = (request: FastifyRequest): Encoding => {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  const encoding = TYPES[type];
  if (!encoding) throw new Refusal(415, "Content-Type must be application/x-protobuf or application/json.");
  return encoding;
};

const inflate = (request: FastifyRequest, maxBodySize: number): Uint8Array => {
  const body = (request.body as Buffer | undefined) ?? EMPTY;
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding === "identity") return body;
  if (encoding !== "gzip") throw new Refusal(415, "Content-Encoding must be gzip or identity.");
  try {
    return gunzipSync(body, { maxOutputLength: maxBodySize, chunkSize: chunkFor(body, maxBodySize) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBodySize);
    throw new Refusal(400, "The body is not gzip, though Content-Encoding says so.");
  }
};

const EMPTY = Buffer.alloc(0);
const CHUNK_MIN = 1_024;
const CHUNK_MAX = 256 * 1_024;
/**
 * The last four bytes of gzip claim the size of what is in it (RFC 1952): room for just that and a byte makes one step of
 * it. A false claim costs further steps, nothing else.
 */
const chunkFor = (gzip: Buffer, maxBodySize: number): number => {
  const claimed = gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4) + 1;
  return Math.max(CHUNK_MIN, Math.min(claimed, CHUNK_MAX, maxBodySize));
};

const tooLarge = (maxBodySize: number): Refusal =>
  new Refusal(413, `The body is larger than otlp.max_body_size (${maxBodySize} bytes); send less at once.`);

const refusalOf = (cause: Error & { statusCode?: number; code?: string }, maxBodySize: number): Refusal => {
  if (cause instanceof Refusal) return cause;
  if (cause.code === "FST_ERR_CTP_BODY_TOO_LARGE") return tooLarge(maxBodySize);
  if (cause.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new Refusal(415, "Content-Type must be application/x-protobuf or application/json.");
  if (cause.statusCode && cause.statusCode < 500) return new Refusal(cause.statusCode, cause.message);
  return new Refusal(503, "The collector cannot store anything at the moment.");
};

const refuse = (request: FastifyRequest, reply: FastifyReply, { status, message }: Refusal): FastifyReply => {
  if (status === 429 || status === 503) reply.header("retry-after", String(RETRY_AFTER_SECONDS));
  const body = { code: STATUS_CODE[status] ?? 2, message };
  return request.headers["content-type"]?.startsWith("application/x-protobuf")
    ? reply
        .code(status)
        .type("application/x-protobuf")
        .send(Buffer.from(encodeStatus(body)))
    : reply.code(status).type("application/json").send(JSON.stringify(body));
};
