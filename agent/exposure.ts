import { isLoopback } from "../config/loopback.ts";

interface Sections {
  readonly collector: {
    readonly url: string;
    readonly token_file?: string | undefined;
    readonly tls: Readonly<Record<string, string | undefined>>;
    readonly insecure: boolean;
  };
  readonly metrics: { readonly listen: "" | { readonly host: string }; readonly insecure: boolean };
}

interface Mistake {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * What an agent's configuration would send or serve without protection: TLS keys that have no effect, a token in clear text on the
 * network, metrics that others reach.
 */
export const unprotected = ({ collector, metrics }: Sections): Mistake[] => {
  const { url, token_file: token, tls, insecure } = collector;
  const plain = url.startsWith("http://");
  const ignored = plain ? Object.keys(tls).filter((key) => tls[key] !== undefined) : [];
  const mistakes: Mistake[] = ignored.map((key) => ({
    path: ["collector", "tls", key],
    message: "has no effect, because collector.url is http://; write https://, or remove this key",
  }));
  if (plain && token !== undefined && !insecure && !isLoopback(new URL(url).hostname))
    mistakes.push({
      path: ["collector", "token_file"],
      message:
        "the token would travel in clear text, because collector.url is http://; write https://, or accept it with collector.insecure: true",
    });
  if (metrics.listen !== "" && !metrics.insecure && !isLoopback(metrics.listen.host))
    mistakes.push({
      path: ["metrics", "listen"],
      message: `${metrics.listen.host} is reachable from other computers, and this listener has neither encryption nor authentication; listen on 127.0.0.1, use metrics.textfile, or accept it with metrics.insecure: true`,
    });
  return mistakes;
};

/** What such a configuration accepts by `insecure: true`, for `check-config` and the log. */
export const acceptedRisks = (config: Sections): string[] =>
  unprotected({
    collector: { ...config.collector, insecure: false },
    metrics: { ...config.metrics, insecure: false },
  }).map(({ path, message }) => `${path.join(".")}: ${message.replace(/; .*$/, "")}`);
