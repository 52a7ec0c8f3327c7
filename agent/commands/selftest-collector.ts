import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { getCACertificates, rootCertificates } from "node:tls";
import { SECOND } from "../../licensing/time.ts";
import type { AgentConfig } from "../config.ts";
import type { Check } from "../win32/selftest/selftest-thread.ts";

const TIMEOUT_MS = 10 * SECOND;
const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];

/** The way to the collector: by whose certificates it is trusted, and how far its clock is away. No address is told. */
export const checkCollector = async ({ url, tls }: AgentConfig["collector"]): Promise<Check[]> => {
  if (url === "") return [];
  const begun = performance.now();
  const found: Record<string, string | number | boolean | null> = {
    tls: url.startsWith("https:"),
    proxy_variables: PROXIES.some((it) => process.env[it]),
  };
  let reached = false;
  for (const [name, ca] of trustOf(url, tls)) {
    const { code, date } = await answered(url, ca, tls);
    found[name] = code;
    reached ||= code === "connected";
    if (date !== undefined) found.clock_seconds = Math.round((date - Date.now()) / SECOND);
  }
  return [
    {
      name: "collector",
      ok: reached,
      milliseconds: Math.round(performance.now() - begun),
      found,
      ...(!reached && { error: { code: 0, message: "The collector was not reached in any way." } }),
    },
  ];
};

const trustOf = (
  url: string,
  { ca_file: file }: AgentConfig["collector"]["tls"],
): [name: string, ca: string | Buffer | readonly string[] | undefined][] =>
  url.startsWith("http:")
    ? [["plain", undefined]]
    : [
        ["by_bundled_roots", rootCertificates],
        ["by_windows_store", getCACertificates("system")],
        ...(file === undefined ? [] : [["by_ca_file", readFileSync(file)] as [string, Buffer]]),
      ];

const answered = (
  url: string,
  ca: string | Buffer | readonly string[] | undefined,
  { cert_file: cert, key_file: key }: AgentConfig["collector"]["tls"],
): Promise<{ code: string; date?: number }> =>
  new Promise((resolve) => {
    const request = (url.startsWith("https:") ? https : http).get(new URL("/", url), {
      agent: false,
      timeout: TIMEOUT_MS,
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca: ca as string[] }),
      ...(cert && key && { cert: readFileSync(cert), key: readFileSync(key) }),
    });
    request.on("response", (response) => {
      const date = Date.parse(response.headers.date ?? "");
      response.destroy();
      resolve({ code: "connected", ...(Number.isFinite(date) && { date }) });
    });
    request.on("timeout", () => request.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    request.on("error", (cause: NodeJS.ErrnoException) =>
      resolve({ code: cause.code === "UNSPECIFIED" ? cause.message : (cause.code ?? "failed") }),
    );
  });
