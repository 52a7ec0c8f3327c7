import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { ConfigurationError } from "../../settings/load.ts";
import { VERSION } from "../../settings/version.ts";
import { configFrom } from "../command.ts";
import type { CollectorConfig } from "../config.ts";
import { type HttpAddress, httpTarget } from "./http-target.ts";
import { storeTarget } from "./store-target.ts";
import type { Target } from "./target.ts";

export interface TargetOptions {
  readonly config?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/**
 * Where to import to. With `url`, the collector there. Otherwise the configuration tells: the collector that listens at its
 * `otlp.listen`, or, when none does, its store itself.
 *
 * @throws ConfigurationError; Error when the store cannot be opened.
 */
export const openTarget = async (options: TargetOptions): Promise<Target> => {
  const given = addressOf(options);
  if (options.url !== undefined) return httpTarget({ ...given, url: options.url });
  const config = configFrom(options.config);
  const { host, port } = reachable(config.otlp.listen);
  if (port === 0 || !(await listens(host, port))) return storeTarget(config, VERSION);
  const secure = config.otlp.tls.cert_file !== undefined;
  return httpTarget({
    url: `http${secure ? "s" : ""}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    token: given.token ?? firstToken(config.otlp.tokens_file),
    tls: { ...(secure && ownCertificate(config)), ...given.tls },
  });
};

const addressOf = ({ url, tokenFile, caFile, certFile, keyFile }: TargetOptions): Omit<HttpAddress, "url"> => {
  if (url !== undefined && !/^https?:\/\/[^/\s]+\/?$/.test(url))
    throw new ConfigurationError("--url", [`${url}: write http://host:port or https://host:port, without a path`]);
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ConfigurationError("--cert-file", ["--cert-file and --key-file belong together"]);
  return {
    ...(tokenFile !== undefined && { token: read(tokenFile, "--token-file").toString("utf8").trim() }),
    tls: {
      ...(caFile !== undefined && { ca: read(caFile, "--ca-file") }),
      ...(certFile !== undefined && { cert: read(certFile, "--cert-file") }),
      ...(keyFile !== undefined && { key: read(keyFile, "--key-file") }),
    },
  };
};

const read = (file: string, option: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConfigurationError(option, [(cause as Error).message]);
  }
};

/** A collector that listens everywhere listens here too. */
const reachable = ({ host, port }: CollectorConfig["otlp"]["listen"]): { host: string; port: number } => ({
  host: host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host,
  port,
});

const LISTENS_WITHIN_MS = 3_000;

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: LISTENS_WITHIN_MS });
    const answer = (it: boolean) => {
      socket.destroy();
      resolve(it);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });

const firstToken = (file: string | undefined): string | undefined =>
  file === undefined
    ? undefined
    : read(file, "otlp.tokens_file")
        .toString("utf8")
        .split("\n")
        .map((it) => it.trim())
        .find((it) => it !== "" && !it.startsWith("#"));

/** On its own computer a collector is known by its certificate itself, whatever names stand in it. */
const ownCertificate = (config: CollectorConfig): HttpAddress["tls"] => ({
  ca: read(config.otlp.tls.cert_file!, "otlp.tls.cert_file"),
  allowPartialTrustChain: true,
  checkServerIdentity: () => undefined,
});
