import { readFileSync } from "node:fs";
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from "node:tls";
import { Pool, type PoolConfig, types } from "pg";
import { parseIntoClientConfig } from "pg-connection-string";
import { SECOND } from "../../../licensing/time.ts";
import { fromText } from "./text.ts";

export interface PostgresSettings {
  readonly url: string;
  /** Read anew for each connection, so that a password can be changed while the collector runs. */
  readonly passwordFile?: string | undefined;
  /** It is to be filled by a copy of another store; otherwise one that is not filled yet is refused. */
  readonly filling?: true;
}

/**
 * A statement that has no answer after 30 s, or a connection that is silent for 35 s, is given up. A collector that hangs within a transaction loses it after 10 s, so that the others, who wait for its lock, get it within
 * their 20 s. Every read goes through an index; the planner, which knows nothing of a table that has just been filled, must
 * not choose otherwise.
 */
const SESSION = [
  "-c lock_timeout=20s",
  "-c idle_in_transaction_session_timeout=10s",
  "-c statement_timeout=30s",
  "-c tcp_keepalives_idle=10",
  "-c tcp_keepalives_interval=5",
  "-c tcp_keepalives_count=3",
  "-c enable_seqscan=off",
  "-c enable_hashjoin=off",
  "-c enable_mergejoin=off",
  "-c jit=off",
].join(" ");

/** One for the transaction or the snapshot, one for the size of the database. */
export const CONNECTIONS_MAX = 2;
const INT8 = 20;
const TEXT = 25;

/** Integers of the schema are times, counts and sums up to 2^53, which JavaScript's numbers hold. */
const parserOf = (oid: number, format?: "text" | "binary"): ((value: string) => unknown) => {
  if (oid === INT8) return Number;
  return oid === TEXT ? fromText : types.getTypeParser(oid, format as "text");
};

/** With what `pg` will soon call by other names, and warns of, in the words that stay. */
const parsed = (url: string): PoolConfig =>
  parseIntoClientConfig(url.replace(/\bsslmode=(require|prefer|verify-ca)\b/, "sslmode=verify-full"));

/**
 * Connects when it is asked to. TLS by `sslmode`: `verify-full` and, here, `require`, `prefer` and `verify-ca`, too, check the
 * server's certificate and name; `no-verify` encrypts only.
 */
export const newPool = ({ url, passwordFile }: PostgresSettings): Pool => {
  const { options, ...given } = parsed(url);
  const config: PoolConfig = {
    ...given,
    ...(isChecked(given.ssl) && {
      ssl: {
        ...given.ssl,
        checkServerIdentity: (_: string, certificate: PeerCertificate) =>
          checkServerIdentity(given.host ?? "localhost", certificate),
      },
    }),
    ...(passwordFile !== undefined && { password: () => readFileSync(passwordFile, "utf8").trim() }),
    options: options ? `${SESSION} ${options}` : SESSION,
    application_name: given.application_name ?? "activation-monitor",
    max: CONNECTIONS_MAX,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5 * SECOND,
    query_timeout: 35 * SECOND,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
    types: { getTypeParser: parserOf as typeof types.getTypeParser },
  };
  return new Pool(config);
};

/** The name in the URL is what the certificate must show; `pg` compares that of an IP address with "localhost". */
const isChecked = (ssl: PoolConfig["ssl"]): ssl is ConnectionOptions =>
  typeof ssl === "object" && ssl.rejectUnauthorized !== false;

/** Where the database is, as messages show it. */
export const shownPlace = (url: string): string => {
  const { host, port, database } = parsed(url);
  return `${database ?? "the default database"} on ${host || "this computer"}${port ? `:${port}` : ""}`;
};

/** Whether the connection leaves this computer unencrypted. */
export const isOpenToReaders = (url: string): boolean => {
  const { host, ssl } = parsed(url);
  return !ssl && !!host && !host.startsWith("/") && !/^(localhost$|127\.|::1$)/.test(host);
};
