import * as https from "node:https";

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

export const getFrom = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; type: string | null; text: string }> => {
  const response = await fetch(url, { headers });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

/** The status of one request through this agent, whose certificates and connections it uses. */
export const postThrough = (agent: https.Agent, url: string, body: Uint8Array): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
    const signal = AbortSignal.timeout(20_000);
    const request = https.request(new URL("/v1/logs", url), { method: "POST", agent, headers, signal });
    request.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode)));
    request.on("error", reject).end(body);
  });
