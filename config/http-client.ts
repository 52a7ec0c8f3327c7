import * as http from "node:http";
import * as https from "node:https";

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** No more than `bodyMax` bytes: the rest is read and left out. */
  readonly body: Buffer;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
  /** Bytes of the answer that are kept; 64 KiB unless it says otherwise. */
  readonly bodyMax?: number;
}

export interface HttpClientOptions extends https.AgentOptions {
  /** How many connections are open at once; without a limit as many as there are requests. */
  readonly connections?: number;
}

/** The one HTTP client of the program. */
export interface HttpClient {
  /** @throws Error of the socket, of TLS, or the signal's. */
  request(url: URL, request: HttpRequest): Promise<HttpResponse>;
  /** Closes the connections that are kept open. */
  close(): void;
}

const BODY_MAX = 64 * 1024;

/**
 * Requests over node:http(s) whose connections are kept: fetch would cost a small program a third more memory, and takes
 * neither client certificates nor a certificate authority of its own.
 *
 * @throws Error when a certificate or key cannot be used.
 */
export const httpClient = (
  protocol: string,
  { connections = Number.POSITIVE_INFINITY, ...tls }: HttpClientOptions = {},
): HttpClient => {
  const options = { keepAlive: true, maxSockets: connections };
  // Said here, so that a NODE_TLS_REJECT_UNAUTHORIZED of the computer does not switch the check of certificates off.
  const secure = { rejectUnauthorized: true, ...tls };
  const agent = protocol === "https:" ? new https.Agent({ ...options, ...secure }) : new http.Agent(options);
  return {
    request: (url, request) => send(url, agent, request),
    close: () => agent.destroy(),
  };
};

const send = (
  url: URL,
  agent: http.Agent,
  { method, headers, body, signal, bodyMax = BODY_MAX }: HttpRequest,
): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method,
      agent,
      signal,
      headers: { ...headers, ...(body && { "content-length": body.length }) },
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let left = bodyMax;
      response.on("data", (chunk: Buffer) => {
        if (left > 0) chunks.push(chunk.subarray(0, left));
        left -= chunk.length;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
