import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import type { HostOutcome, KmsTarget } from "../../licensing/kms/probe.ts";
import { atDeadline } from "./deadline.ts";
import type { Dns } from "./dns.ts";
import { bindPdu, readBindAnswer } from "./rpc-bind.ts";

/** What one look at a host gave: `latencyMs` since the probe began to wait for the host, without looking up its name. */
export interface Result {
  readonly outcome: HostOutcome;
  readonly latencyMs?: number;
}

/**
 * Connects to a KMS host and asks, on the same connection, whether the KMS interface is there. A BIND is all that is ever
 * sent. Where there is no connection, both probes have the reason for it.
 */
export const probeHost = async ({ host, port }: KmsTarget, limits: Limits): Promise<{ tcp: Result; rpc: Result }> => {
  const { outcome, found } = await limits.dns.addresses(host);
  // The system may know more: its hosts file, a short name. Where DNS itself fails it would only block.
  if (found.length === 0 && outcome !== "nxdomain" && outcome !== "no_records") return both({ outcome: "unresolved" });
  const opened = await open({ host, port }, found, limits);
  if (!("socket" in opened)) return both(opened);
  const { socket, latencyMs } = opened;
  try {
    return { tcp: { outcome: "ok", latencyMs }, rpc: await bind(socket, limits) };
  } finally {
    socket.destroy();
  }
};

interface Limits {
  readonly dns: Dns;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const both = (result: Result) => ({ tcp: result, rpc: result });
const since = (from: number): number => Math.round((performance.now() - from) * 10) / 10;

const open = (
  { host, port }: KmsTarget,
  addresses: readonly string[],
  { deadlineMs, signal }: Limits,
): Promise<{ socket: Socket; latencyMs: number } | Result> =>
  new Promise((resolve) => {
    const from = performance.now();
    const lookup: LookupFunction = (_, __, answer) =>
      answer(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      );
    const socket = connect({
      host,
      port,
      autoSelectFamily: true,
      // Node's quarter of a second is too short for the other end of the world.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(deadlineMs / (addresses.length + 1))),
      ...(addresses.length > 0 && !isIP(host) && { lookup }),
    });
    const end = (outcome: HostOutcome) => {
      settled();
      socket.removeAllListeners();
      socket.on("error", () => {}).destroy();
      resolve({ outcome });
    };
    const settled = atDeadline(deadlineMs, signal, () => end("timeout"));
    socket.on("error", (cause) => end(outcomeOf(cause)));
    socket.on("connect", () => {
      settled();
      socket.removeAllListeners();
      resolve({ socket, latencyMs: since(from) });
    });
  });

const CALL = 1;
/** An answer is one fragment; who sends more than this talks about something else. */
const ANSWER_MAX = 8 * 1024;

const bind = (socket: Socket, { deadlineMs, signal }: Limits): Promise<Result> =>
  new Promise((resolve) => {
    const from = performance.now();
    let bytes = Buffer.alloc(0);
    const end = (outcome: HostOutcome, answered = false) => {
      settled();
      socket.removeAllListeners();
      socket.on("error", () => {});
      resolve({ outcome, ...(answered && { latencyMs: since(from) }) });
    };
    const settled = atDeadline(deadlineMs, signal, () => end("timeout"));
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const { answer } = readBindAnswer(bytes, CALL);
      if (answer === "accepted") end("ok", true);
      else if (answer === "rejected") end("rejected", true);
      else if (answer === "malformed" || bytes.length > ANSWER_MAX) end("malformed", true);
    });
    socket.on("end", () => end("closed"));
    socket.on("error", (cause) => end(outcomeOf(cause, "closed")));
    socket.write(bindPdu(CALL));
  });

/** Of several addresses the most telling answer: who refuses is there, who cannot be reached may be of the wrong family. */
const outcomeOf = (cause: Error, reset: HostOutcome = "refused"): HostOutcome => {
  const causes = (cause as AggregateError).errors ?? [cause];
  const outcomes = causes.map((it: NodeJS.ErrnoException): HostOutcome => {
    const { code = "" } = it;
    return code === "ECONNRESET" || code === "EPIPE" ? reset : (OUTCOMES[code] ?? "error");
  });
  return TELLING.find((it) => outcomes.includes(it)) ?? "error";
};
const TELLING: readonly HostOutcome[] = ["refused", "closed", "timeout", "unreachable", "unresolved"];

const OUTCOMES: Readonly<Record<string, HostOutcome>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EACCES: "unreachable",
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  ENODATA: "unresolved",
};
