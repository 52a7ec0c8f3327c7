import { readFileSync } from "node:fs";
import type { TLSSocket } from "node:tls";
import { isComputerName } from "../../licensing/events/normalise.ts";

/** What node:https wants of a server; client certificates are asked for where a CA for them is named. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly sessionTimeout: number;
  readonly ca?: Buffer;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

interface TlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly clientCaFile?: string | undefined;
}

/** An agent that comes back within a day resumes its session: no certificates on the wire, and no signature to make. */
const SESSION_SECONDS = 86_400;

const YAML_KEYS = { certFile: "cert_file", keyFile: "key_file", clientCaFile: "client_ca_file" } as const;

/** @throws Error that names the key and the file which cannot be read. */
export const readTls = (files: TlsFiles, section: string): ServerTls | undefined => {
  if (!files.certFile || !files.keyFile) return undefined;
  const read = (key: keyof TlsFiles): Buffer => {
    try {
      return readFileSync(files[key]!);
    } catch (cause) {
      throw new Error(`${section}.tls.${YAML_KEYS[key]}: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    cert: read("certFile"),
    key: read("keyFile"),
    sessionTimeout: SESSION_SECONDS,
    ...(files.clientCaFile && { ca: read("clientCaFile"), requestCert: true, rejectUnauthorized: true }),
  };
};

const NAMES = new WeakMap<TLSSocket, readonly string[]>();

/** The computers that a client certificate names (RFC 6125): its DNS names, and its common name; patterns are no names. */
export const certifiedNames = (socket: TLSSocket): readonly string[] => {
  const known = NAMES.get(socket);
  if (known) return known;
  const { subject, subjectaltname = "" } = socket.getPeerCertificate();
  const alternatives = subjectaltname.split(", ").flatMap((it) => (it.startsWith("DNS:") ? [it.slice(4)] : []));
  const names = [...new Set([subject?.CN ?? [], alternatives].flat(2).map((it) => it.toLowerCase()))];
  const hosts = names.filter(isComputerName);
  NAMES.set(socket, hosts);
  return hosts;
};

/** Headers come in one packet. Node takes a limit above the whole request's for the request's, so it must lie below. */
const PATIENCE = { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 };

/** For fastify: how a listener treats its connections, with TLS or without. */
export const listener = (tls: ServerTls | undefined) => (tls ? { https: { ...tls, ...PATIENCE } } : { http: PATIENCE });
