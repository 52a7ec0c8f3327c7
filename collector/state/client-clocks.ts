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
  /** What its own agent says. */
  readonly zone?: string;
  /** It has an agent, by whose own clock it is judged: here it only tells whether the host is off. */
  readonly ownAgent?: true;
}

export const noClocks = (): ClientClocks => ({ skewed: {} });
export const copyOfClocks = (clocks: ClientClocks): ClientClocks => ({ ...clocks, skewed: { ...clocks.skewed } });

/** Nobody mends more than these one by one. */
export const SKEWED_MAX = 100;

/** A client's clock against the host's in one request; 0 where they agree within an hour, or where the event tells no time. */
export const clockOff = ({ event, time, client_time: clientTime }: NormalisedEvent): number =>
  event !== "kms_request_processed" || time === undefined || clientTime === undefined
    ? 0
    : quartersOff(time, clientTime);

export const nameOfClient = (event: NormalisedEvent): string => (event.client_fqdn ?? "").toLowerCase();

/** A request of a client whose clock is off. */
export const recordSkewedClock = (clocks: ClientClocks, cmid: string, client: SkewedClient): void => {
  const { skewed } = clocks;
  if ((skewed[cmid]?.at ?? 0) > client.at) return;
  skewed[cmid] = client;
  clocks.offAt = Math.max(clocks.offAt ?? 0, client.at);
};

/**
 * A request of a client whose clock agrees: where it did not before, the client leaves. Where the host's own clock had been
 * wrong, it is right again, and all of them leave.
 */
export const recordAgreeingClock = (clocks: ClientClocks, cmid: string, at: Instant, clients: () => number): void => {
  const { fineAt = 0, offAt = 0, skewed } = clocks;
  if (offAt > fineAt && isHostOff(Object.values(skewed), { fineAt, clients: clients() })) clocks.skewed = {};
  else if ((skewed[cmid]?.at ?? at + 1) <= at) delete skewed[cmid];
  if (at > fineAt) clocks.fineAt = at;
};

/** The clients whose clock is wrong; none where it is the host's clock that differs from all of theirs. */
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
  return isHost ? [] : all.filter(([, it]) => !it.ownAgent);
};
