import { DatabaseError } from "pg";
import { StoreConflict, StoreUnavailable, StoreUnreachable } from "../store.ts";

/**
 * Classes and codes of SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html) that say "not now": connection, wrong
 * credentials, no such database, insufficient resources, a lock not available, operator intervention, system and internal errors
 * (damaged files), a standby that takes no writes, a transaction that was idle for too long.
 */
const UNAVAILABLE = /^(08|28|3D|53|55P03|57|58|XX|25006|25P03)/;
/** Serialization failure, deadlock, statement completion unknown. */
const CONFLICT = /^40/;
/** The server has ended the session, or another server must be found. */
const SESSION_ENDED = /^(08|57P|25006|25P03)/;

/** Of these a server that is starting, busy or in recovery recovers by itself; wrong credentials and names do not change. */
const PASSING = /^(08|40|53|55P03|57|58|25006|25P03)/;
const NETWORK = /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENET|EAI_AGAIN|ENOTFOUND|ENOENT)/;
/** What `pg` says without a code. */
const ENDED = /^(Connection terminated|Query read timeout|timeout e)/;

/** Whether a database that cannot be opened is worth waiting for; otherwise the administrator must change something. */
export const isAway = (cause: unknown): boolean => {
  const { code = "", message } = cause as Error & { code?: string };
  return cause instanceof DatabaseError ? PASSING.test(code) : NETWORK.test(code) || ENDED.test(message);
};

/** Whether a failed query leaves a connection that cannot be used again. What is no answer of the server is its loss. */
export const endsConnection = (cause: unknown): boolean =>
  !(cause instanceof DatabaseError) || SESSION_ENDED.test(cause.code ?? "");

/**
 * What a failed query means to the engine. A commit whose answer was lost may have happened or not: the work is done again,
 * and what it finds done already counts once.
 */
export const translated = (cause: unknown, step: "connect" | "query" | "commit"): unknown => {
  const { message } = cause as Error;
  const code = cause instanceof DatabaseError ? (cause.code ?? "") : undefined;
  if (step === "connect") return new StoreUnreachable(`PostgreSQL cannot be reached: ${reasonOf(cause)}`, { cause });
  if (code === undefined || SESSION_ENDED.test(code)) {
    if (step === "commit") return new StoreConflict(`The connection was lost during a commit: ${message}`, { cause });
    return new StoreUnreachable(`The connection to PostgreSQL was lost: ${message}`, { cause });
  }
  if (CONFLICT.test(code)) return new StoreConflict(message, { cause });
  return UNAVAILABLE.test(code) ? new StoreUnavailable(`PostgreSQL: ${message}`, { cause }) : cause;
};

/** A name with several addresses fails with one error for each, and no message of its own. */
export const reasonOf = (cause: unknown): string =>
  cause instanceof AggregateError ? cause.errors.map((it: Error) => it.message).join(", ") : (cause as Error).message;
