import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Server } from "node:https";
import type { Server as NetServer, Socket } from "node:net";
import { createSecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import { isComputerName } from "../../licensing/events/normalise.ts";
import { SECOND } from "../../licensing/time.ts";

interface TlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly clientCaFile?: string | undefined;
  readonly clientCrlFile?: string | undefined;
}

/** What node:https wants of a server; client certificates are required where a CA for them is named. */
export interface ServerTls {
  readonly options: SecureContextOptions & {
    readonly sessionTimeout: number;
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
  /**
   * Reads the files again when one of them has changed, as long as the server listens. Connections that were accepted before end
   * with their next answer, so that no client stays whose certificate was withdrawn.
   */
  follow(server: Server, log: { info(text: string): void; error(text: string): void }): void;
}

/** An agent that comes back within a day resumes its session: no certificates on the wire, and no signature to make. */
const SESSION_SECONDS = 86_400;
/** Certificates are exchanged every few weeks or days; seconds do not matter. */
const LOOK_EVERY_MS = 5 * SECOND;

const YAML_KEYS = {
  certFile: "cert_file",
  keyFile: "key_file",
  clientCaFile: "client_ca_file",
  clientCrlFile: "client_crl_file",
} as const;

/** @throws Error that names the key and the file which cannot be used. */
export const readTls = (files: TlsFiles, section: string): ServerTls | undefined => {
  if (!files.certFile || !files.keyFile) return undefined;
  const requires = files.clientCaFile ? { requestCert: true, rejectUnauthorized: true } : {};
  let state = stateOf(files);
  return {
    options: { ...contextOf(files, section), sessionTimeout: SESSION_SECONDS, ...requires },
    follow: (server, log) => {
      let generation = 0;
      const acceptedIn = new WeakMap<object, number>();
      server.on("secureConnection", (socket) => acceptedIn.set(socket, generation));
      server.prependListener("request", (request, response) => {
        if (acceptedIn.get(request.socket) !== generation) response.shouldKeepAlive = false;
      });
      const look = setInterval(() => {
        const now = stateOf(files);
        if (now === state) return;
        state = now;
        try {
          server.setSecureContext({ ...contextOf(files, section), sessionTimeout: SESSION_SECONDS } as never);
        } catch (cause) {
          return log.error(`${(cause as Error).message}; the files as they were read before stay in use.`);
        }
        generation += 1;
        server.closeIdleConnections();
        log.info(`${section}.tls: certificates were read again.`);
      }, LOOK_EVERY_MS);
      look.unref();
      server.once("close", () => clearInterval(look));
    },
  };
};

const stateOf = (files: TlsFiles): string =>
  Object.values(files)
    .map((file) => {
      const it = file && statSync(file, { throwIfNoEntry: false });
      return it ? `${it.mtimeMs} ${it.size} ${it.ino}` : "";
    })
    .join();

/** The files' content, checked: what OpenSSL says of a wrong one names neither key nor file. */
const contextOf = (files: TlsFiles, section: string): SecureContextOptions => {
  const read = (key: keyof TlsFiles): Buffer => {
    try {
      return readFileSync(files[key]!);
    } catch (cause) {
      throw new Error(`${section}.tls.${YAML_KEYS[key]}: ${(cause as Error).message}`, { cause });
    }
  };
  const checked = <T>(key: keyof TlsFiles, what: string, check: () => T): T => {
    try {
      return check();
    } catch (cause) {
      throw new Error(`${section}.tls.${YAML_KEYS[key]}: ${files[key]} ${what} (${(cause as Error).message})`, {
        cause,
      });
    }
  };
  const [cert, key] = [read("certFile"), read("keyFile")];
  const certificate = checked("certFile", "holds no certificate in PEM", () => new X509Certificate(cert));
  const privateKey = checked("keyFile", "holds no private key in PEM without a password", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error(
      `${section}.tls.key_file: ${files.keyFile} is not the private key of the certificate in ${files.certFile}`,
    );
  const options: SecureContextOptions = { cert, key };
  if (files.clientCaFile) {
    options.ca = read("clientCaFile");
    checked("clientCaFile", "holds no certificate in PEM", () => new X509Certificate(options.ca as Buffer));
  }
  if (files.clientCrlFile) options.crl = read("clientCrlFile");
  checked(files.clientCrlFile ? "clientCrlFile" : "certFile", "cannot be used", () => createSecureContext(options));
  return options;
};

/** Tells the address of each client that showed no certificate, or one that is foreign, expired or revoked. */
export const onCertificateRefused = (server: NetServer, told: (address: string | undefined) => void): void => {
  // Asked for in time: a socket that is gone has forgotten who was at its other end.
  server.on("connection", (socket) => void socket.remoteAddress);
  server.on("tlsClientError", (cause: Error & { code?: string }, socket: TLSSocket & { _parent?: Socket }) => {
    // Who hangs up, or speaks no TLS, is no sender.
    if (socket.authorizationError || CERTIFICATE_ERROR.test(cause.code ?? ""))
      told(socket.remoteAddress ?? socket._parent?.remoteAddress);
  });
};
const CERTIFICATE_ERROR = /PEER_DID_NOT_RETURN_A_CERTIFICATE|CERT|CRL|UNABLE_TO|UNKNOWN_CA/;

const NAMES = new WeakMap<TLSSocket, readonly string[]>();

/** The computers that the client certificate of a connection names. */
export const certifiedNames = (socket: TLSSocket): readonly string[] => {
  const known = NAMES.get(socket);
  if (known) return known;
  const names = namesIn(socket.getPeerCertificate());
  NAMES.set(socket, names);
  return names;
};

/** RFC 2818: the DNS names of its subjectAltName; the common name only where there is none. Patterns are no names. */
export const namesIn = ({
  subject,
  subjectaltname = "",
}: {
  readonly subject?: { readonly CN?: string | string[] | undefined };
  readonly subjectaltname?: string | undefined;
}): readonly string[] => {
  const dns = subjectaltname.split(", ").flatMap((it) => (it.startsWith("DNS:") ? [it.slice(4)] : []));
  const names = dns.length > 0 ? dns : [subject?.CN ?? []].flat();
  return [...new Set(names.map((it) => it.toLowerCase()))].filter(isComputerName);
};

/** Headers come in one packet. Node takes a limit above the whole request's for the request's, so it must lie below. */
const PATIENCE = { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 };

/** For fastify: how a listener treats its connections, with TLS or without. */
export const listener = (tls: ServerTls | undefined) =>
  tls ? { https: { ...tls.options, ...PATIENCE } } : { http: PATIENCE };
