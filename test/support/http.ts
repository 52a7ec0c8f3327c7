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
