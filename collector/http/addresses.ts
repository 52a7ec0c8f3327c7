import { isLoopback } from "../../config/loopback.ts";
import type { Addresses } from "../ui/pages/connect-page.ts";

/** A listener as it runs: with the port that it got, where the configuration asks for any. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly encrypted: boolean;
}

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
const HOST_HEADER = /^(\[[\da-f:.]+\]|[a-z\d._-]{1,253})(?::(\d{1,5}))?$/i;

/**
 * The addresses by which others reach this collector. A listener on every address is reached by the name that the reader's
 * browser used for this page.
 *
 * @param hostHeader the `Host` header of the reader's request.
 */
export const addressesFor = (
  hostHeader: string | undefined,
  web: Endpoint,
  otlp: Endpoint & { readonly needsToken: boolean; readonly needsCertificate: boolean },
): Addresses => {
  const [, name, port] = HOST_HEADER.exec(hostHeader ?? "") ?? [];
  const seen = name ?? "COLLECTOR";
  return {
    otlp: `${schemeOf(otlp)}://${hostOf(otlp, seen)}:${otlp.port}`,
    otlpNeeds: otlp.needsToken ? "token" : otlp.needsCertificate ? "certificate" : "nothing",
    otlpOnlyHere: isLoopback(otlp.host),
    web: `${schemeOf(web)}://${seen}${port === undefined ? "" : `:${port}`}`,
    webTarget: `${seen}:${port ?? web.port}`,
    webOnlyHere: isLoopback(web.host) && isLoopback(seen),
  };
};

const schemeOf = ({ encrypted }: Endpoint): string => (encrypted ? "https" : "http");
const hostOf = ({ host }: Endpoint, seen: string): string => {
  if (WILDCARDS.has(host)) return seen;
  return host.includes(":") ? `[${host}]` : host;
};
