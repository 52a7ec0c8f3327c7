import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Format } from "../../licensing/telemetry/exposition.ts";

const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** A scrape is short; who does not send one is not waited for. */
const REQUEST_MS = 5_000;
const CONNECTIONS_MAX = 16;

/**
 * Serves the metrics at /metrics, and nothing else. Who may reach it is the administrator's choice of address.
 *
 * @throws Error with the address, when it is in use or not of this computer.
 */
export const listen = async (
  { host, port }: { host: string; port: number },
  metricsIn: (format: Format) => string,
): Promise<{ url: string; close(): Promise<void> }> => {
  const server = createServer({ headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS }, (request, response) =>
    answer(request, response, metricsIn),
  );
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`metrics.listen: cannot listen on ${host}:${port} (${cause.message})`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(address.address) ? `[${address.address}]` : address.address}:${address.port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const answer = (request: IncomingMessage, response: ServerResponse, metricsIn: (format: Format) => string): void => {
  request.resume();
  const send = (status: number, type: string, text: string) =>
    response
      .writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) })
      .end(request.method === "HEAD" ? undefined : text);
  const path = (request.url ?? "").split("?")[0];
  if (request.method !== "GET" && request.method !== "HEAD") send(405, "text/plain", "Only GET is answered here.\n");
  else if (path === "/metrics") {
    const format = /application\/openmetrics-text/.test(request.headers.accept ?? "") ? "openmetrics" : "text";
    send(200, CONTENT_TYPE[format], metricsIn(format) + (format === "openmetrics" ? "# EOF\n" : ""));
  } else if (path === "/") send(200, "text/plain", "activation-monitor's agent: see /metrics\n");
  else send(404, "text/plain", "Only /metrics is here.\n");
};
