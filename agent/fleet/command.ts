import { setTimeout as pause } from "node:timers/promises";
import type { LogsRequest } from "../../licensing/otlp.ts";
import { encodeLogs } from "../../licensing/otlp-protobuf.ts";
import { SECOND } from "../../licensing/time.ts";
import { VERSION } from "../../settings/version.ts";
import { readAgentConfig } from "../config.ts";
import { backOff } from "../pace.ts";
import { httpTransport, type Transport } from "../transport.ts";
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

/**
 * `fleet simulate`: a deterministic fleet reports to a real collector, by the real protocol.
 *
 * @returns the exit code: 1 when the collector refuses for good.
 */
export const simulateFleet = async (
  options: SimulateOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<number> => {
  const collector = { url: options.url, ...(options.tokenFile && { token_file: options.tokenFile }) };
  const transport = httpTransport(readAgentConfig("--url", JSON.stringify({ collector }), {}).collector);
  const start = Date.now() - options.since * 86_400_000;
  const fleet = simulatedFleet({ seed: options.seed, hosts: options.hosts, now: start, version: VERSION });
  try {
    let sent = 0;
    for (const request of fleet.present()) {
      await send(transport, request, signal);
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
      for (const request of fleet.between(at, until)) await send(transport, request, signal);
      await send(transport, fleet.hostsAt(until), signal);
      progress(`simulated until ${new Date(until).toISOString()}`);
      at = until;
    }
    return 0;
  } finally {
    transport.close();
  }
};

const send = async (transport: Transport, request: LogsRequest, signal: AbortSignal): Promise<void> => {
  const body = encodeLogs(request);
  for (let failures = 1; !signal.aborted; failures += 1) {
    const delivery = await transport.send(body, signal);
    if (delivery.outcome === "accepted") {
      if (delivery.rejected > 0)
        throw new Error(`The collector rejected ${delivery.rejected} records: ${delivery.message}`);
      return;
    }
    if (delivery.outcome !== "later") throw new Error(`The collector refused a request: ${delivery.outcome}.`);
    if (failures > 8) throw new Error(`The collector does not take anything: ${delivery.reason}.`);
    await pause(backOff(failures, Math.random(), delivery.waitMs), undefined, { signal }).catch(() => {});
  }
};
