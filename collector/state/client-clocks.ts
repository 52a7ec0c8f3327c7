import type { NormalisedEvent } from "../../licensing/events/names.ts";
import { isHostOff, quartersOff } from "../../licensing/kms/client-clock.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import type { Instant } from "../../licensing/time.ts";

/** Clients of one KMS host whose clock differs from the host's own, by their client machine ID. */
export interface ClientClocks {
  /** When a client last asked whose clock agreed with the host's … */
  fineAt?: Instant;
  /** … and when one last asked whose clock did not. */
  offAt?: Instant;
  skewed: Record<string, SkewedClient>;
}

export interface SkewedClient {
  readonly name: string;
  /** How far off, in quarters of an hour. */
  readonly quarters: number;
  readonly at: Instant;
}

export const newClientClocks = (): ClientClocks => ({ skewed: {} });
export const copyOfClocks = (clocks: ClientClocks): ClientClocks => ({ ...clocks, skewed: { ...clocks.skewed } });

/** An administrator fixes the cause, not more clients than these one by one. */
export const SKEWED_MAX = 100;

/** A client's clock against the host's in one request; 0 where they agree within an hour, or where the event tells no time. */
export const clockOff = ({ event, time, client_time: clientTime }: NormalisedEvent): number =>
  event !== "kms_request_processed" || time === undefined || clientTime === undefined
    ? 0
    : quartersOff(time, clientTime);

type ClockRequest = Pick<SkewedClient, "name" | "at"> & { readonly cmid: string };

/**
 * The next request in the order of time. A client whose clock agrees leaves; where the host's own clock had been wrong, it is
 * right again, and all of them leave.
 */
export const recordClock = (
  clocks: ClientClocks,
  { cmid, name, at }: ClockRequest,
  { quarters, clients }: { quarters: number; clients: () => number },
): void => {
  const { fineAt = 0, offAt = 0, skewed } = clocks;
  if (quarters !== 0) {
    if ((skewed[cmid]?.at ?? 0) > at) return;
    skewed[cmid] = { name, quarters, at };
    clocks.offAt = Math.max(offAt, at);
    return;
  }
  if (offAt > fineAt && isHostOff(Object.values(skewed), { fineAt, clients: clients() })) clocks.skewed = {};
  else if ((skewed[cmid]?.at ?? at + 1) <= at) delete skewed[cmid];
  if (at > fineAt) clocks.fineAt = at;
};

/** May a request that comes late change what is known of clocks? */
export const isClockAffected = (clocks: ClientClocks, quarters: number): boolean => {
  if (quarters !== 0) return true;
  for (const _ in clocks.skewed) return true;
  return false;
};

/**
 * The clients whose clock is wrong; none where it is the host's clock that differs from all of theirs. Those that have an
 * agent are among them, though they are judged by their own agent's clock.
 */
export const skewedClients = (
  { fineAt, skewed }: ClientClocks,
  clients: number,
  now: Instant,
): [cmid: string, SkewedClient][] => {
  const all = Object.entries(skewed).filter(([, it]) => it.at > now - CLIENT_LIFETIME);
  const isHost = isHostOff(
    all.map((it) => it[1]),
    { fineAt, clients },
  );
  return isHost ? [] : all;
};
