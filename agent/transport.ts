import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { httpPost } from "../settings/http-post.ts";
import type { AgentConfig } from "./config.ts";
import { type Delivery, deliveryOf } from "./delivery.ts";

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
 * from their files each time, so that they can be exchanged without a restart.
 *
 * @throws Error when a TLS file cannot be read.
 */
export const httpTransport = ({ url, token_file: tokenFile, tls }: AgentConfig["collector"]): Transport => {
  const target = new URL("/v1/logs", url);
  const file = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const agent =
    target.protocol === "https:"
      ? new https.Agent({
          keepAlive: true,
          maxSockets: 1,
          ca: file(tls.ca_file),
          cert: file(tls.cert_file),
          key: file(tls.key_file),
        })
      : new http.Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send: async (body, signal) => {
      try {
        const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, "utf8").trim();
        return await post(target, agent, await compress(body), token, signal);
      } catch (cause) {
        return {
          outcome: "later",
          reason: (cause as Error).message || (cause as NodeJS.ErrnoException).code || "no answer",
        };
      }
    },
    close: () => agent.destroy(),
  };
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
