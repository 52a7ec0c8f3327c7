import { Readable } from "node:stream";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { Registry } from "prom-client";
import type { Log } from "../../config/log.ts";
import type { Format } from "../../licensing/telemetry/exposition.ts";
import type { Clock } from "../../licensing/time.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { computerExposition } from "../metrics/computers.ts";
import { StoreUnavailable, StoreUnreachable } from "../store/store.ts";
import { addApi } from "./api-routes.ts";
import { AGE_MAX, fleetMetrics } from "./fleet-metrics.ts";
import { addPages, type PageOptions } from "./page-routes.ts";
import { Problem, sendProblem } from "./problem.ts";
import type { OwnMetrics } from "./process-metrics.ts";
import { listener, type ServerTls } from "./tls.ts";
import { addGuards, type Login } from "./web-guards.ts";

export interface WebOptions extends PageOptions {
  readonly clock: Clock;
  /** What the collector does until its engine is there. */
  readonly startup: () => "starting" | "waiting for the database";
  readonly metrics: OwnMetrics;
  readonly tls: ServerTls | undefined;
  /** Are there series of each computer? */
  readonly computers: boolean;
  readonly listenHost: string;
  readonly allowedHosts: readonly string[];
  /** Undefined: everybody who reaches the listener may look. */
  readonly login: Login | undefined;
  readonly log: Log;
  /** Undefined until the figures are exact, and again once the engine has failed. */
  readonly engine: () => EngineClient | undefined;
}

/** Pages, API, health and /metrics. */
export const webServer = (options: WebOptions): FastifyInstance => {
  const { clock, startup, metrics, tls, log, computers, engine, refusals } = options;
  const app = fastify({
    requestTimeout: 10_000,
    frameworkErrors: (cause, _, reply) => sendProblem(reply, cause.statusCode ?? 400, cause.message),
    forceCloseConnections: true,
    ...listener(tls),
  }) as unknown as FastifyInstance;
  app.setErrorHandler((cause: Error & { statusCode?: number }, request, reply) => {
    const status = statusOf(cause);
    if (status === 500) log.error(`${request.method} ${request.url.slice(0, 200)}: ${cause.message}`);
    return sendProblem(
      reply,
      status,
      status === 500 ? "The collector could not answer; its log says why." : cause.message,
    );
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, `There is nothing at ${request.url.slice(0, 200)}.`),
  );
  addGuards(app, options);
  const fleetText = fleetMetrics(clock);
  app.get("/-/healthy", async () => "healthy\n");
  app.get("/-/ready", async (_, reply) => {
    const it = engine();
    if (!it) return reply.code(503).send(`${startup()}\n`);
    const now = clock();
    const isLost = now - (it.unreachableSince ?? now) > AGE_MAX;
    const trouble = isLost ? "the database cannot be reached" : it.trouble;
    return trouble === undefined ? "ready\n" : reply.code(503).send(`${trouble}\n`);
  });
  app.get("/metrics", async (request, reply) => {
    const format = formatOf(request);
    const it = engine();
    const fleet = it ? await fleetText(it, format).catch(notReadyWhere) : notReady;
    const own = await metrics.text(format);
    return reply.type(CONTENT_TYPE[format]).send(Buffer.concat([fleet, Buffer.from(own)]));
  });
  const ready = (): EngineClient => {
    const it = engine();
    if (!it) throw new Problem(503, `The collector is ${startup()}; ask again in a moment.`);
    return it;
  };
  app.get("/metrics/computers", async (request, reply) => {
    if (!computers)
      throw new Problem(404, "There are no series of single computers; `metrics: { computers: true }` serves them.");
    const format = formatOf(request);
    const { ask } = ready();
    const pieces = computerExposition(format, (family, after) => ask({ ask: "computer-series", family, after }));
    return reply.type(CONTENT_TYPE[format]).send(Readable.from(pieces, { objectMode: false }));
  });
  addPages(app, { ...options, ask: (query) => ready().ask(query) });
  app.get("/api/v1/refusals", async () => ({ items: refusals.senders(), next_cursor: null }));
  addApi(app, (query) => ready().ask(query));
  return app;
};

const formatOf = ({ headers }: FastifyRequest): Format =>
  /application\/openmetrics-text/.test(headers.accept ?? "") ? "openmetrics" : "text";
const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

const statusOf = (cause: Error & { statusCode?: number }): number => {
  if (cause instanceof StoreUnavailable) return 503;
  return cause instanceof Problem ? cause.status : (cause.statusCode ?? 500);
};

/** Without its database a collector knows no figure of the fleet, but still its own process. */
const notReadyWhere = (cause: unknown): Uint8Array => {
  if (cause instanceof StoreUnreachable) return notReady;
  throw cause;
};

const notReady = Buffer.from(
  "# HELP activation_collector_ready 1 when the figures are exact.\n# TYPE activation_collector_ready gauge\nactivation_collector_ready 0\n",
);
