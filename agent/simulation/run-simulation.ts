import { setTimeout as pause } from "node:timers/promises";
import { readSettings } from "../../config/file.ts";
import { withoutCredentials } from "../../config/shown-url.ts";
import { VERSION } from "../../config/version.ts";
import { SECOND } from "../../licensing/time.ts";
import type { LogsRequest } from "../../otlp/logs.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { readAgentConfig } from "../config.ts";
import { backOff } from "../delivery/backoff.ts";
import { httpTransport, type Transport } from "../delivery/transport.ts";
import { simulatedFleet } from "./simulate.ts";

export interface SimulateOptions {
  readonly hosts: number;
  readonly seed: number;
  readonly url: string;
  readonly tokenFile?: string;
  /** Report the present once and end. */
  readonly once: boolean;
  /** Simulated seconds per second; the simulation then begins in the past, so that no event lies in the future. */
  readonly speed: number;
  /** Days before now at which it begins. */
  readonly since: number;
}

const TICK_MS = 5 * SECOND;

/** Failures in a row that are waited out, minutes altogether: a collector may be restarted meanwhile. */
const PATIENCE = 8;
/** The same before anything was ever taken, some ten seconds: it may just start, or the address is wrong. */
const FIRST_PATIENCE = 4;

/**
 * `fleet simulate`: a deterministic fleet reports to a real collector, by the real protocol.
 *
 * @returns the exit code: 1 when the collector refuses for good.
 * @throws ConfigurationError when the token's file cannot be read.
 */
export const simulateFleet = async (
  options: SimulateOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<number> => {
  // A simulated fleet has nothing to hide; a token over an http:// address is allowed here.
  const collector = { url: options.url, insecure: true, ...(options.tokenFile && { token_file: options.tokenFile }) };
  if (options.tokenFile) readSettings(options.tokenFile);
  const transport = httpTransport(readAgentConfig("--url", JSON.stringify({ collector }), {}).collector);
  const start = Date.now() - options.since * 86_400_000;
  const fleet = simulatedFleet({ seed: options.seed, hosts: options.hosts, now: start, version: VERSION });
  let patience = FIRST_PATIENCE;
  const send = async (request: LogsRequest): Promise<void> => {
    await deliver(transport, request, { to: withoutCredentials(options.url), patience, signal, progress });
    patience = PATIENCE;
  };
  try {
    let sent = 0;
    for (const request of fleet.present()) {
      await send(request);
      sent += request.reduce((sum, it) => sum + it.records.length, 0);
      progress(`${sent} records of ${fleet.computers} computers sent`);
      if (signal.aborted) return 0;
    }
    if (options.once) return 0;
    for (let at = start; !signal.aborted; ) {
      await pause(TICK_MS, undefined, { signal }).catch(() => {});
      const until = Math.min(
        Date.now(),
        options.speed === 1 && options.since === 0 ? Date.now() : at + TICK_MS * options.speed,
      );
      for (const request of fleet.between(at, until)) await send(request);
      await send(fleet.hostsAt(until));
      progress(`simulated until ${new Date(until).toISOString()}`);
      at = until;
    }
    return 0;
  } finally {
    transport.close();
  }
};

interface Manner {
  readonly to: string;
  readonly patience: number;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

const deliver = async (transport: Transport, request: LogsRequest, manner: Manner): Promise<void> => {
  const { to, patience, signal, progress } = manner;
  const body = encodeLogs(request);
  for (let failures = 1; !signal.aborted; failures += 1) {
    const delivery = await transport.send(body, signal);
    if (delivery.outcome === "accepted") {
      if (delivery.rejected > 0) throw new Error(`${to} rejected ${delivery.rejected} records: ${delivery.message}`);
      return;
    }
    if (signal.aborted) return;
    if (delivery.outcome !== "later") throw new Error(`${to} refused a request: ${delivery.outcome}.`);
    if (failures > patience)
      throw new Error(
        `${to} does not take anything: ${delivery.reason}. Is the collector running, and is this its otlp.listen?`,
      );
    progress(`waiting for ${to}: ${delivery.reason}`);
    await pause(backOff(failures, Math.random(), delivery.waitMs), undefined, { signal }).catch(() => {});
  }
};
