import type { FastifyInstance } from "fastify";
import { schedule } from "node-cron";
import type { Log } from "../config/log.ts";
import { bearerTokens, passwordFrom, sameSecret } from "../config/secrets.ts";
import { type Clock, MINUTE } from "../licensing/time.ts";
import type { CollectorConfig } from "./config.ts";
import { configWarnings } from "./config-warnings.ts";
import { type EngineClient, startEngine } from "./engine/engine-client.ts";
import { exposureOf } from "./exposure.ts";
import { addressesFor } from "./http/addresses.ts";
import { alertmanagerClient } from "./http/alertmanager-client.ts";
import { otlpServer } from "./http/otlp-server.ts";
import { processMetrics } from "./http/process-metrics.ts";
import { refusalLog } from "./http/refusal-log.ts";
import { readTls } from "./http/tls.ts";
import type { Login } from "./http/web-guards.ts";
import { webServer } from "./http/web-server.ts";

export interface Collector {
  readonly otlpUrl: string;
  readonly webUrl: string;
  /** Resolves with the reason if the engine ends by itself: nothing can be acknowledged any more. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a collector, for production and for tests alike. Opens in order, stops in reverse, once, also after half a start.
 *
 * A database that is away is waited for: /-/healthy and /-/ready answer meanwhile.
 *
 * @param signal ends a start that waits.
 * @throws Error in one sentence when a port, file or the store cannot be had.
 */
export const startCollector = async (
  config: CollectorConfig,
  { clock, log, version, signal }: { clock: Clock; log: Log; version: string; signal?: AbortSignal },
): Promise<Collector> => {
  const opened: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  const broken = Promise.withResolvers<string>();
  let engine: EngineClient | undefined;
  const { tokensFile } = config.otlp;
  let quietUntil = 0;
  let waitingFor: string | undefined;
  let otlpPort = config.otlp.listen.port;
  let webPort = config.http.listen.port;
  const { warnings } = exposureOf(config);
  for (const it of [...warnings, ...configWarnings(config)]) log.warn(it);
  try {
    const metrics = processMetrics();
    const alertmanager =
      config.links.alertmanager === undefined ? undefined : alertmanagerClient(config.links.alertmanager);
    if (alertmanager) opened.push(() => alertmanager.close());
    const refusals = refusalLog({ clock, log, count: (cause) => metrics.refused.inc({ cause }) });
    const web = webServer({
      clock,
      startup: () => (waitingFor === undefined ? "starting" : "waiting for the database"),
      metrics,
      version,
      log,
      warnings,
      addresses: (hostHeader) =>
        addressesFor(
          hostHeader,
          { host: config.http.listen.host, port: webPort, encrypted: config.http.tls.certFile !== undefined },
          {
            host: config.otlp.listen.host,
            port: otlpPort,
            encrypted: config.otlp.tls.certFile !== undefined,
            needsToken: tokensFile !== undefined,
            needsCertificate: config.otlp.tls.clientCaFile !== undefined,
          },
        ),
      alertmanager,
      grafana: config.links.grafana,
      tls: readTls(config.http.tls, "http"),
      refusals,
      listenHost: config.http.listen.host,
      allowedHosts: config.http.allowedHosts,
      login: loginOf(config.http, log),
      computers: config.metrics.computers,
      engine: () => engine,
    });
    const webUrl = await listen(web, config.http.listen, "http.listen");
    webPort = portOf(webUrl);
    opened.push(() => web.close());
    const link = await startEngine(
      { config, version },
      {
        clock,
        onWarning: (it) => log.warn(it),
        onWaiting: (reason) => {
          if (reason === waitingFor && clock() < quietUntil) return;
          waitingFor = reason;
          quietUntil = clock() + STORE_FAILURE_EVERY;
          log.warn(`Waiting for the database: ${reason}. Reports are taken once it is there.`);
        },
        onCommit: (seconds) => metrics.commitDuration.observe(seconds),
        onFailed: (reason) => {
          if (clock() < quietUntil) return;
          quietUntil = clock() + STORE_FAILURE_EVERY;
          log.error(`The store takes nothing: ${reason}. Senders get 503, keep what they have and try again.`);
        },
        onPoison: (reason) =>
          log.error(
            `A request cannot be stored, so its sender keeps it; all others are. Please report this: ${reason}`,
          ),
        onTrouble: (reason) => log.error(`No figures of the fleet are served: ${reason}`),
        onBroken: (reason) => {
          engine = undefined;
          log.error(reason);
          broken.resolve(reason);
        },
      },
      signal,
    );
    opened.push(() => link.close());
    const otlp = otlpServer({
      engine: link,
      metrics,
      clock,
      maxBodySize: config.otlp.maxBodySize,
      refusals,
      log,
      listenHost: config.otlp.listen.host,
      allowedHosts: config.otlp.allowedHosts,
      findToken:
        tokensFile === undefined ? undefined : bearerTokens(tokensFile, "otlp.tokens_file", (it) => log.error(it)),
      tls: readTls(config.otlp.tls, "otlp"),
    });
    const otlpUrl = await listen(otlp, config.otlp.listen, "otlp.listen");
    otlpPort = portOf(otlpUrl);
    opened.push(() => otlp.close());
    const sweeping = schedule(SWEEP, () => link.sweep().catch((cause: Error) => log.error(`Sweep: ${cause.message}`)));
    opened.push(() => sweeping.destroy());
    let isChecked = true;
    const checking = schedule(CHECK, async () => {
      if (!isChecked) return;
      isChecked = false;
      await link.check().catch(() => {});
      isChecked = true;
    });
    opened.push(() => checking.destroy());
    engine = link;
    return { otlpUrl, webUrl, broken: broken.promise, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
};

/** The port that a listener got. */
const portOf = (url: string): number => {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === "https:" ? 443 : 80));
};

/** Who may see the pages, where not everybody may. */
const loginOf = ({ basicAuth: login }: CollectorConfig["http"], log: Log): Login | undefined => {
  if (!login) return undefined;
  const isPassword = passwordFrom(login.passwordFile, "http.basic_auth.password_file", (it) => log.error(it));
  return (username, password) => {
    const isName = sameSecret(username, login.username);
    return isPassword(password) && isName;
  };
};

/** Once a minute is enough to be found, and does not fill the disk that is full already. */
const STORE_FAILURE_EVERY = MINUTE;

/** At 17 past each hour: what is forgotten is small then, and few others choose that minute. */
const SWEEP = "17 * * * *";

/** Often enough that a loss of the database is known within its 60 s, and that its return is noticed soon. */
const CHECK = "*/5 * * * * *";

/** The environment variable that overrides a key. */
const overrideOf = (key: string): string => `ACTIVATION_${key.replaceAll(".", "_").toUpperCase()}`;

const listen = async (
  app: FastifyInstance,
  { host, port }: { host: string; port: number },
  key: string,
): Promise<string> => {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    await app.close();
    if (code === "EADDRINUSE")
      throw new Error(
        `${key}: port ${port} on ${host} is in use; stop the other program, or choose another port in collector.yaml or by ${overrideOf(key)}=${host}:PORT.`,
        { cause },
      );
    throw new Error(`${key}: cannot listen on ${host}:${port}: ${(cause as Error).message}`, { cause });
  }
};
