import { connect } from "node:net";
import { tokensIn } from "../../config/secrets.ts";
import { VERSION } from "../../config/version.ts";
import { checkUrl, clientTls, ownAddress, readSecret, type TlsFiles } from "../client/own-address.ts";
import { configFrom } from "../config.ts";
import { httpTarget } from "./http-target.ts";
import { storeTarget } from "./store-target.ts";
import type { Target } from "./target.ts";

export interface TargetOptions extends TlsFiles {
  readonly config?: string;
  readonly url?: string;
  readonly tokenFile?: string;
}

/**
 * Where to import to. With `url`, the collector there. Otherwise the configuration tells: the collector that listens at its
 * `otlp.listen`, or, when none does, its store itself.
 *
 * @throws ConfigurationError; Error when the store cannot be opened.
 */
export const openTarget = async (options: TargetOptions): Promise<Target> => {
  const tls = clientTls(options);
  const token = options.tokenFile === undefined ? undefined : firstToken(options.tokenFile, "--token-file");
  if (options.url !== undefined) return httpTarget({ url: checkUrl(options.url, tls), token, tls });
  const config = configFrom(options.config);
  const own = ownAddress(config.otlp, "otlp");
  if (own.port === 0 || !(await listens(own))) return storeTarget(config, VERSION);
  const { tokensFile: tokens } = config.otlp;
  return httpTarget({
    url: checkUrl(own.url, tls),
    token: token ?? (tokens === undefined ? undefined : firstToken(tokens, "otlp.tokens_file")),
    tls: { ...own.tls, ...tls },
  });
};

const LISTENS_WITHIN_MS = 3_000;

const listens = ({ host, port }: { host: string; port: number }): Promise<boolean> =>
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

/** Of a file of one token, or of a collector's list of them. */
const firstToken = (file: string, option: string): string | undefined => readSecret(file, option, tokensIn)[0]?.token;
