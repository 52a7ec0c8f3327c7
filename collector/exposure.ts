import { isLoopback } from "../config/loopback.ts";

/** Of a listener's section, what decides whether other computers may reach it. */
interface Section {
  readonly listen: { readonly host: string };
  readonly tls: {
    readonly certFile?: string | undefined;
    readonly clientCaFile?: string | undefined;
    readonly clientCrlFile?: string | undefined;
  };
  readonly insecure: boolean;
}

/** How a listener authenticates beside client certificates, and what it is without. */
interface Login {
  readonly name: "otlp" | "http";
  readonly key: string;
  readonly required: boolean;
  /** What anyone who reaches the listener can do when it requires no login. */
  readonly open: string;
}

export interface Exposure {
  /** Why this configuration is refused; key path and sentence. */
  readonly mistakes: readonly { readonly path: readonly string[]; readonly message: string }[];
  /** What `insecure: true` accepts: for the log, the page and `check-config`. */
  readonly warnings: readonly string[];
}

/** Of both listeners of a configuration. */
export const exposureOf = ({
  otlp,
  http,
}: {
  otlp: Section & { readonly tokensFile?: string | undefined };
  http: Section & { readonly basicAuth?: object | undefined };
}): Exposure => {
  const both = [
    ofListener(otlp, {
      name: "otlp",
      key: "otlp.tokens_file",
      required: otlp.tokensFile !== undefined,
      open: "anyone can report for any computer",
    }),
    ofListener(http, {
      name: "http",
      key: "http.basic_auth",
      required: http.basicAuth !== undefined,
      open: "anyone can see the pages, the API and the metrics",
    }),
  ];
  return { mistakes: both.flatMap((it) => it.mistakes), warnings: both.flatMap((it) => it.warnings) };
};

/**
 * A listener that other computers reach has encryption and authentication, or its administrator accepts in words that it has
 * not. A key that would have no effect (`client_ca_file` without a server certificate) is a mistake.
 */
const ofListener = ({ listen, tls, insecure }: Section, { name, key, required, open }: Login): Exposure => {
  if (tls.clientCaFile && !tls.certFile)
    return {
      mistakes: [
        {
          path: [name, "tls", "client_ca_file"],
          message: `has no effect without TLS; set ${name}.tls.cert_file and ${name}.tls.key_file too`,
        },
      ],
      warnings: [],
    };
  if (tls.clientCrlFile && !tls.clientCaFile)
    return {
      mistakes: [
        {
          path: [name, "tls", "client_crl_file"],
          message: `has no effect without client certificates; set ${name}.tls.client_ca_file too`,
        },
      ],
      warnings: [],
    };
  if (isLoopback(listen.host)) return NOTHING;
  const encrypted = Boolean(tls.certFile);
  const authenticated = required || Boolean(tls.clientCaFile);
  if (encrypted && authenticated) return NOTHING;
  const missing = [...(encrypted ? [] : ["encryption"]), ...(authenticated ? [] : ["authentication"])].join(" and ");
  if (insecure) {
    const risks = [
      ...(encrypted
        ? []
        : [required ? `the secrets of ${key} travel in clear text` : "all data travels in clear text"]),
      ...(authenticated ? [] : [open]),
    ].join(", and ");
    return {
      mistakes: [],
      warnings: [`${name}.insecure: ${listen.host} is reachable from other computers without ${missing}: ${risks}.`],
    };
  }
  const remedies = [
    ...(encrypted ? [] : [`${name}.tls.cert_file and ${name}.tls.key_file`]),
    ...(authenticated ? [] : [`${key} or ${name}.tls.client_ca_file`]),
  ].join(", and ");
  return {
    mistakes: [
      {
        path: [name, "listen"],
        message: `${listen.host} is reachable from other computers without ${missing}; set ${remedies}, listen on 127.0.0.1, or accept it with ${name}.insecure: true`,
      },
    ],
    warnings: [],
  };
};

const NOTHING: Exposure = { mistakes: [], warnings: [] };
