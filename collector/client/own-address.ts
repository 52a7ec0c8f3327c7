import { readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import { whyNotRead } from "../../config/file.ts";
import { ConfigurationError } from "../../config/load.ts";
import { passwordIn } from "../../config/secrets.ts";
import { withoutCredentials } from "../../config/shown-url.ts";
import type { CollectorConfig } from "../config.ts";

export type ClientTls = Pick<AgentOptions, "ca" | "cert" | "key" | "checkServerIdentity" | "allowPartialTrustChain">;

/** Where a program on the collector's own computer reaches one of its listeners, by the collector's configuration. */
export const ownAddress = (
  { listen, tls }: CollectorConfig["otlp" | "http"],
  section: string,
): { host: string; port: number; url: string; tls: ClientTls } => {
  // A collector that listens everywhere listens here too.
  const host = listen.host === "0.0.0.0" ? "127.0.0.1" : listen.host === "::" ? "::1" : listen.host;
  const scheme = tls.certFile === undefined ? "http" : "https";
  return {
    host,
    port: listen.port,
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${listen.port}`,
    tls: tls.certFile === undefined ? {} : ownCertificate(tls.certFile, `${section}.tls.cert_file`),
  };
};

/** On its own computer a collector is known by its certificate itself, whatever names stand in it. */
const ownCertificate = (file: string, key: string): ClientTls => ({
  ca: readGiven(file, key),
  allowPartialTrustChain: true,
  checkServerIdentity: () => undefined,
});

export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface LoginFile {
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
}

/**
 * What `Authorization` says for a login.
 *
 * @throws ConfigurationError
 */
export const basicLogin = ({ username, passwordFile }: LoginFile, option: string): string | undefined => {
  if (username === undefined && passwordFile === undefined) return undefined;
  if (username === undefined || passwordFile === undefined)
    throw new ConfigurationError(option, ["--username and --password-file belong together"]);
  const password = readSecret(passwordFile, option, passwordIn);
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
};

/** @throws ConfigurationError */
export const clientTls = ({ caFile, certFile, keyFile }: TlsFiles): ClientTls => {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ConfigurationError("--cert-file", ["--cert-file and --key-file belong together"]);
  return {
    ...(caFile !== undefined && { ca: readGiven(caFile, "--ca-file") }),
    ...(certFile !== undefined && { cert: readGiven(certFile, "--cert-file") }),
    ...(keyFile !== undefined && { key: readGiven(keyFile, "--key-file") }),
  };
};

/**
 * What is read from a file of secrets that an option or a key names.
 *
 * @throws ConfigurationError
 */
export const readSecret = <T>(file: string, option: string, read: (text: string) => T): T => {
  const text = readGiven(file, option).toString();
  try {
    return read(text);
  } catch (cause) {
    throw new ConfigurationError(option, [`${file}: ${(cause as Error).message}`]);
  }
};

/**
 * A file that an option or a key names.
 *
 * @throws ConfigurationError
 */
export const readGiven = (file: string, option: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConfigurationError(option, [`${file}: ${whyNotRead(cause as NodeJS.ErrnoException)}`]);
  }
};

/** @throws ConfigurationError when it is no address, or when TLS options are given that it does not use. */
export const checkUrl = (url: string, tls: ClientTls): string => {
  if (!/^https?:\/\/[^/\s]+\/?$/.test(url))
    throw new ConfigurationError("--url", [
      `${withoutCredentials(url)}: write http://host:port or https://host:port, without a path`,
    ]);
  if (url.startsWith("http://") && Object.keys(tls).length > 0)
    throw new ConfigurationError("--url", [
      `${withoutCredentials(url)} is http://, so --ca-file, --cert-file and --key-file have no effect; write https://, or leave them out`,
    ]);
  return url;
};
