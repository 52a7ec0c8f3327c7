import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { httpPost } from "../../config/http-client.ts";
import type { AgentConfig } from "../config.ts";
import { connectionFailure, GivenFileError } from "./connection-failure.ts";
import { type Delivery, deliveryOf } from "./delivery-result.ts";

/** Sends one OTLP request. Wrapped, never inherited: what a test needs is an object with one method. */
export interface Transport {
  send(body: Uint8Array, signal: AbortSignal): Promise<Delivery>;
  close(): void;
}

/** Where there is no collector, everything has arrived: the agent's own figures are all that is wanted. */
export const nowhere: Transport = {
  send: async () => ({ outcome: "accepted", rejected: 0, message: "" }),
  close: () => {},
};

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
  let agent: http.Agent | undefined = agentFor(target, tls);
  return {
    send: async (body, signal) => {
      try {
        agent ??= agentFor(target, tls);
        const token = read("collector.token_file", tokenFile)?.toString("utf8").trim();
        return await post(target, agent, await compress(body), token, signal);
      } catch (cause) {
        agent?.destroy();
        agent = undefined;
        return { outcome: "later", reason: connectionFailure(cause as Error, target, tls.cert_file !== undefined) };
      }
    },
    close: () => agent?.destroy(),
  };
};

const agentFor = ({ protocol }: URL, tls: AgentConfig["collector"]["tls"]): http.Agent => {
  if (protocol !== "https:") return new http.Agent({ keepAlive: true, maxSockets: 1 });
  const file = (key: keyof typeof tls) => read(`collector.tls.${key}`, tls[key]);
  const [ca, cert, key] = [file("ca_file"), file("cert_file"), file("key_file")];
  return new https.Agent({ keepAlive: true, maxSockets: 1, ca, cert, key });
};

const read = (key: string, file: string | undefined): Buffer | undefined => {
  try {
    return file === undefined ? undefined : readFileSync(file);
  } catch (cause) {
    throw new GivenFileError(`${key}: ${(cause as Error).message}`, { cause });
  }
};

const post = async (
  url: URL,
  agent: http.Agent,
  body: Buffer,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Delivery> => {
  const {
    status,
    headers,
    body: said,
  } = await httpPost(url, {
    agent,
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
      ...(token && { authorization: `Bearer ${token}` }),
    },
  });
  return deliveryOf({ status, retryAfter: headers["retry-after"], body: said }, Date.now());
};
