import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type HttpClient, httpClient } from "../../config/http-client.ts";
import { withoutCredentials } from "../../config/shown-url.ts";
import { SECOND } from "../../licensing/time.ts";
import { OtlpError } from "../../otlp/logs.ts";
import { decodeResponse, decodeStatus } from "../../otlp/protobuf.ts";
import type { ClientTls } from "../client/own-address.ts";
import { IMPORT_HEADER, OUTCOMES_HEADER, readOutcomes } from "./import-headers.ts";
import { type Taken, type Target, TargetError } from "./target.ts";

export interface HttpAddress {
  readonly url: string;
  readonly token?: string | undefined;
  readonly tls: ClientTls;
}

const compress = promisify(gzip);
const TIMEOUT_MS = 60 * SECOND;
/** A collector that is being restarted is back within a minute. */
const TRIES = 12;
const PAUSE_MS = 5 * SECOND;

/** Imports through a running collector's OTLP address, whose answer says what became of the records. */
export const httpTarget = ({ url, token, tls }: HttpAddress): Target => {
  const target = new URL("/v1/logs", url);
  const shown = withoutCredentials(url);
  const client = httpClient(target.protocol, tls);
  let reached = false;
  return {
    name: shown,
    send: async (body, signal) => {
      const compressed = await compress(body);
      for (let left = TRIES; ; left -= 1) {
        const answer = await post(client, target, compressed, token, signal).catch(
          (cause: NodeJS.ErrnoException): Answer => {
            signal.throwIfAborted();
            return { status: 0, reason: cause.message || cause.code || "no answer" };
          },
        );
        const again = answer.status === 0 ? reached : answer.status === 429 || answer.status === 503;
        reached ||= answer.status !== 0;
        if (!again || left === 1) return takenOf(answer, shown);
        await setTimeout(PAUSE_MS, undefined, { signal });
      }
    },
    close: async () => client.close(),
  };
};

type Answer =
  | { readonly status: 0; readonly reason: string }
  | { readonly status: number; readonly outcomes: string | undefined; readonly body: Buffer };

const takenOf = (answer: Answer, url: string): Taken => {
  const { status } = answer;
  if (!("body" in answer))
    throw new TargetError(
      `${url} cannot be reached (${answer.reason}). Is the collector running, and is this its otlp.listen?`,
    );
  if (status === 413) return { outcome: "too-large" };
  if (status === 403)
    throw new TargetError(`${url} does not accept imports with this certificate: ${failureIn(answer.body)}`);
  if (status === 401)
    throw new TargetError(
      `${url} wants to know who sends (HTTP ${status}): give --token-file, or --cert-file and --key-file.`,
    );
  const outcomes = answer.outcomes === undefined ? undefined : readOutcomes(answer.outcomes);
  if (status !== 200)
    throw new TargetError(`${url} answers with HTTP ${status}: ${failureIn(answer.body) || "no reason given"}.`);
  if (!outcomes)
    throw new TargetError(
      `${url} is no collector of this program, or one that is older: it does not say what became of the records.`,
    );
  const { message } = decodeResponse(answer.body);
  return { outcome: "taken", outcomes, ...(message && { message }) };
};

const failureIn = (body: Buffer): string => {
  try {
    return decodeStatus(body).message;
  } catch (cause) {
    if (cause instanceof OtlpError) return "";
    throw cause;
  }
};

const post = async (
  client: HttpClient,
  url: URL,
  body: Buffer,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Answer> => {
  const headers = {
    "content-type": "application/x-protobuf",
    "content-encoding": "gzip",
    [IMPORT_HEADER]: "true",
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const answer = await client.request(url, { method: "POST", headers, body, signal: within });
  return { ...answer, outcomes: answer.headers[OUTCOMES_HEADER] as string | undefined };
};
