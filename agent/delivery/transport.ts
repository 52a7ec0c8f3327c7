import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type HttpClient, httpClient } from "../../config/http-client.ts";
import type { AgentConfig } from "../config.ts";
import { connectionFailure, GivenFileError } from "./connection-failure.ts";
import { type Delivery, deliveryOf } from "./delivery-result.ts";

/** Sends one OTLP request. Wrapped, never inherited: what a test needs is an object with one method. */
export interface Transport {
  send(body: Uint8Array, signal: AbortSignal): Promise<Delivery>;
  close(): void;
}

const compress = promisify(gzip);
const TIMEOUT_MS = 30_000;

/**
 * OTLP/HTTP over node:http(s) with one socket that is kept: fetch would cost an agent a third more memory. Secrets are read
 * from their files each time, and certificates after each failure, so that they can be exchanged without a restart.
 *
 * @throws GivenFileError when a TLS file cannot be read.
 */
export const httpTransport = ({ url, token_file: tokenFile, tls }: AgentConfig["collector"]): Transport => {
  const target = new URL("/v1/logs", url);
  let client: HttpClient | undefined = clientFor(target, tls);
  return {
    send: async (body, signal) => {
      try {
        client ??= clientFor(target, tls);
        const token = read("collector.token_file", tokenFile)?.toString("utf8").trim();
        return await post(client, target, await compress(body), token, signal);
      } catch (cause) {
        client?.close();
        client = undefined;
        return { outcome: "later", reason: connectionFailure(cause as Error, target, tls.cert_file !== undefined) };
      }
    },
    close: () => client?.close(),
  };
};

const clientFor = ({ protocol }: URL, tls: AgentConfig["collector"]["tls"]): HttpClient => {
  if (protocol !== "https:") return httpClient(protocol, { connections: 1 });
  const file = (key: keyof typeof tls) => read(`collector.tls.${key}`, tls[key]);
  const [ca, cert, key] = [file("ca_file"), file("cert_file"), file("key_file")];
  return httpClient(protocol, { connections: 1, ca, cert, key });
};

const read = (key: string, file: string | undefined): Buffer | undefined => {
  try {
    return file === undefined ? undefined : readFileSync(file);
  } catch (cause) {
    throw new GivenFileError(`${key}: ${(cause as Error).message}`, { cause });
  }
};

const post = async (
  client: HttpClient,
  url: URL,
  body: Buffer,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Delivery> => {
  const {
    status,
    headers,
    body: answer,
  } = await client.request(url, {
    method: "POST",
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
      ...(token && { authorization: `Bearer ${token}` }),
    },
  });
  const { "content-type": contentType, "retry-after": retryAfter, date, location } = headers;
  return deliveryOf({ status, contentType, retryAfter, date, location, body: answer }, Date.now());
};
