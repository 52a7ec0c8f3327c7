import type { IncomingMessage } from "node:http";
import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Log } from "../../config/log.ts";
import type { Token } from "../../config/secrets.ts";
import type { Clock } from "../../licensing/time.ts";
import { responseJson } from "../../otlp/json.ts";
import { STATUS_CODE } from "../../otlp/logs.ts";
import { encodeResponse, encodeStatus } from "../../otlp/protobuf.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import type { Encoding } from "../engine/request-batch.ts";
import { IMPORT_HEADER, OUTCOMES_HEADER, outcomesText } from "../import/import-headers.ts";
import { matchesName } from "../ingest/sender.ts";
import { admissionControl } from "./admission-control.ts";
import { decompressor, readBody } from "./body.ts";
import { fairSubmit } from "./fair-submit.ts";
import { hostHeaderCheck, wrongHost } from "./host-header.ts";
import type { OwnMetrics } from "./process-metrics.ts";
import { causeOf, Refusal } from "./refusal.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { certifiedNames, listener, onCertificateRefused, type ServerTls } from "./tls.ts";
import { wrongCredentials } from "./wrong-credentials.ts";

export interface OtlpOptions {
  readonly engine: EngineClient;
  readonly metrics: OwnMetrics;
  readonly refusals: RefusalLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly listenHost: string;
  readonly allowedHosts: readonly string[];
  readonly maxBodySize: number;
  /** Finds the token of an `Authorization` header; undefined where none is asked for. */
  readonly findToken: ((authorization: string | undefined) => Pick<Token, "hosts"> | undefined) | undefined;
  readonly tls: ServerTls | undefined;
}

const TYPES: Readonly<Record<string, Encoding>> = {
  "application/x-protobuf": "protobuf",
  "application/json": "json",
};
/** A body must be complete within this time: slow senders do not hold connections. */
const BODY_TIMEOUT_MS = 30_000;
const RETRY_AFTER_SECONDS = 5;
const UNSUPPORTED_TYPE = "Content-Type must be application/x-protobuf or application/json.";

declare module "fastify" {
  interface FastifyRequest {
    /** The computers for which the sender may report, where its token or certificate says so. */
    sender?: readonly string[];
  }
}

/** OTLP/HTTP for logs: limits, authentication, encodings; 2xx only after the commit. */
export const otlpServer = (options: OtlpOptions): FastifyInstance => {
  const { maxBodySize, metrics, refusals, tls, log } = options;
  const app = fastify({
    requestTimeout: BODY_TIMEOUT_MS,
    keepAliveTimeout: 120_000,
    forceCloseConnections: true,
    ...listener(tls),
  }) as unknown as FastifyInstance;
  tls?.follow(app.server as unknown as Server, log);
  if (tls)
    onCertificateRefused(app.server, (address) =>
      refusals.record("certificate", address, "no client certificate that otlp.tls.client_ca_file vouches for"),
    );
  app.decorateRequest("sender", undefined);
  app.removeAllContentTypeParsers();
  const admission = admissionControl();
  app.addContentTypeParser(Object.keys(TYPES), (_: FastifyRequest, stream: IncomingMessage) =>
    readBody(stream, { maxBodySize, admission }),
  );
  const isOwnHost = hostHeaderCheck(options.listenHost, options.allowedHosts);
  if (isOwnHost)
    app.addHook("onRequest", async ({ headers }) => {
      if (!isOwnHost(headers.host)) throw new Refusal(421, wrongHost("otlp"));
    });
  app.addHook("onRequest", identify(options));
  app.addHook("onResponse", (_, reply, done) => {
    metrics.requests.inc({ code: String(reply.statusCode) });
    metrics.requestDuration.observe(reply.elapsedTime / 1_000);
    done();
  });
  const refuse = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply => {
    const cause = causeOf(refusal.status);
    if (cause) refusals.record(cause, request.ip, refusal.message);
    return sendRefusal(request, reply, refusal);
  };
  app.setErrorHandler((cause: Error & { statusCode?: number; code?: string }, request, reply) =>
    refuse(request, reply, refusalOf(cause)),
  );
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, new Refusal(404, "Only POST /v1/logs is served here.")),
  );
  app.post("/v1/logs", takeLogs(options));
  return app;
};

/** Who sends: by its token, its client certificate, or both; what both say must agree. */
const identify = ({ findToken, tls }: OtlpOptions) => {
  const held = wrongCredentials();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const certified = tls?.options.requestCert ? certifiedNames(request.raw.socket as TLSSocket) : undefined;
    const token = findToken?.(request.headers.authorization);
    if (findToken && !token) {
      if ((await held(request.ip)) === "too-many")
        throw new Refusal(429, "Too many wrong bearer tokens came from this address; try later.");
      reply.header("www-authenticate", "Bearer");
      throw new Refusal(401, "A bearer token is needed, and the one given is not in otlp.tokens_file.");
    }
    const hosts = token?.hosts;
    const sender =
      certified && hosts
        ? certified.filter((it) => hosts.some((pattern) => matchesName(pattern, it)))
        : (certified ?? hosts);
    if (sender) request.sender = sender;
  };
};

const takeLogs = ({ engine, clock, maxBodySize }: OtlpOptions) => {
  const decompress = decompressor(maxBodySize);
  const submit = fairSubmit(engine);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const encoding = encodingOf(request);
    const { sender, body: received = EMPTY } = request as FastifyRequest & { body?: Buffer | Refusal };
    if (received instanceof Refusal) throw received;
    const compression = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
    if (compression !== "identity" && compression !== "gzip")
      throw new Refusal(415, "Content-Encoding must be gzip or identity.");
    const body = compression === "gzip" ? await decompress(received) : received;
    const imported = request.headers[IMPORT_HEADER] === "true";
    const submitted = await submit({
      body,
      encoding,
      receivedAt: clock(),
      imported,
      ...(sender && { certified: sender }),
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
};

const EMPTY = Buffer.alloc(0);

const encodingOf = (request: FastifyRequest): Encoding => {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  const encoding = TYPES[type];
  if (!encoding) throw new Refusal(415, UNSUPPORTED_TYPE);
  return encoding;
};

const refusalOf = (cause: Error & { statusCode?: number; code?: string }): Refusal => {
  if (cause instanceof Refusal) return cause;
  if (cause.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new Refusal(415, UNSUPPORTED_TYPE);
  if (cause.statusCode && cause.statusCode < 500) return new Refusal(cause.statusCode, cause.message);
  return new Refusal(503, "The collector cannot store anything at the moment.");
};

const sendRefusal = (request: FastifyRequest, reply: FastifyReply, { status, message }: Refusal): FastifyReply => {
  if (status === 429 || status === 503) reply.header("retry-after", String(RETRY_AFTER_SECONDS));
  const body = { code: STATUS_CODE[status] ?? 2, message };
  return request.headers["content-type"]?.startsWith("application/x-protobuf")
    ? reply
        .code(status)
        .type("application/x-protobuf")
        .send(Buffer.from(encodeStatus(body)))
    : reply.code(status).type("application/json").send(JSON.stringify(body));
};
