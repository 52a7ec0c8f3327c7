import type { LogGroup } from "../../licensing/otlp.ts";
import { SECOND } from "../../licensing/time.ts";
import { fromAgent, KMS01, request } from "./facts.ts";

/** One request to a collector's OTLP address, in protobuf where the headers say nothing else. */
export const postTo = (
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(`${url}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", ...headers },
    body: body as Uint8Array<ArrayBuffer>,
  });

/** So many requests of different clients, in a KMS host's log. */
export const events = (count: number, from = 0): LogGroup[] => [
  fromAgent(
    KMS01,
    Array.from({ length: count }, (_, i) => request({ at: Date.now() - 60 * SECOND, client: from + i })),
    Date.now(),
  ),
];
