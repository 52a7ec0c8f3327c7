import * as http from "node:http";
import * as https from "node:https";

export interface ReceivedRequest {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** No more than its first 64 KiB. */
  readonly body: Buffer;
}

const RESPONSE_MAX = 64 * 1024;

/**
 * One POST over node:http(s), through an agent that keeps its sockets: fetch would cost a small program a third more memory,
 * and takes neither client certificates nor a CA of one's own.
 *
 * @throws what the socket or the signal says.
 */
export const httpPost = (
  url: URL,
  {
    agent,
    headers,
    body,
    signal,
  }: { agent: http.Agent; headers: http.OutgoingHttpHeaders; body: Buffer; signal: AbortSignal },
): Promise<ReceivedRequest> =>
  new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method: "POST",
      agent,
      signal,
      headers: { ...headers, "content-length": body.length },
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length <= RESPONSE_MAX) chunks.push(chunk);
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
