/** A file that the configuration names cannot be read; the message names its key. */
export class GivenFileError extends Error {}

const REMEDIES: readonly (readonly [codes: RegExp, remedy: string])[] = [
  [
    /^(UNABLE_TO_(VERIFY|GET)|SELF_SIGNED|DEPTH_ZERO)/,
    "the certificate it shows is of a CA that is not known here; name that CA in collector.tls.ca_file, or put it into the computer's certificate store, which the Windows service trusts",
  ],
  [
    /(KEY_TOO_WEAK|ALGORITHM_TOO_WEAK|KEY_TOO_SMALL|MD_TOO_WEAK)$/,
    "a certificate of the connection, or of its CA, has an RSA key of less than 2048 bits or a SHA-1 signature, which is not accepted any more; let a newer CA issue it",
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    "its certificate has expired; exchange the collector's otlp.tls.cert_file, and look at this computer's clock",
  ],
  [/^CERT_NOT_YET_VALID$/, "its certificate is not valid yet; look at both computers' clocks"],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "its certificate is made out to another name; write that name in collector.url, or exchange the collector's otlp.tls.cert_file",
  ],
  [
    /CERTIFICATE_REQUIRED$|HANDSHAKE_FAILURE$/,
    "it asks for a client certificate; name one in collector.tls.cert_file and collector.tls.key_file",
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|ACCESS_DENIED)$/,
    "it does not accept the certificate in collector.tls.cert_file; its otlp.tls.client_ca_file must be the CA of it",
  ],
  [/KEY_VALUES_MISMATCH$/, "collector.tls.key_file is not the key of collector.tls.cert_file"],
  [
    /WRONG_VERSION_NUMBER$|PACKET_LENGTH_TOO_LONG$/,
    "it does not speak TLS; write http:// in collector.url, or give the collector otlp.tls",
  ],
  [/^ECONNREFUSED$/, "nothing listens there; is the collector running, and is this its otlp.listen?"],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "that name cannot be resolved; look at collector.url, and at DNS"],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ABORT_ERR|TIMEOUT_ERR)$/,
    "it does not answer; look at the network and its firewalls",
  ],
];

/** Why a request got no answer, where, and what to do; for the agent's log. */
export const connectionFailure = (cause: Error & { code?: unknown }, url: URL, hasCertificate: boolean): string => {
  if (cause instanceof GivenFileError) return cause.message;
  const code = codeOf(cause);
  const said = cause.message.replaceAll(/\s+/g, " ").trim().slice(0, 200);
  return `${url.origin}: ${remedyFor(code, url, hasCertificate) ?? (said || "no answer")}${code ? ` (${code})` : ""}`;
};

/** Node's code; OpenSSL sometimes tells its own only in the message. */
const codeOf = ({ code, name, message }: Error & { code?: unknown }): string => {
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? /::(key values mismatch)/.exec(message)?.[1];
  if (reason) return `ERR_SSL_${reason.trim().toUpperCase().replaceAll(" ", "_")}`;
  // A reason of OpenSSL's that Node has no code for.
  if (code === "UNSPECIFIED") return message.trim().toUpperCase().replaceAll(" ", "_");
  if (typeof code === "string") return code;
  return name === "TimeoutError" ? "TIMEOUT_ERR" : "";
};

const remedyFor = (code: string, url: URL, hasCertificate: boolean): string | undefined => {
  if (code === "ECONNRESET")
    return url.protocol === "https:" ? (hasCertificate ? CLOSED_WITH : undefined) : CLOSED_PLAIN;
  return REMEDIES.find(([codes]) => codes.test(code))?.[1];
};
const CLOSED_WITH =
  "it closed the connection; if it always does, its otlp.tls.client_ca_file is not the CA of collector.tls.cert_file";
const CLOSED_PLAIN = "it closed the connection; if it always does, it speaks TLS: write https:// in collector.url";
