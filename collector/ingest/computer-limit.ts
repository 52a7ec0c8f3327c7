import type { Memory } from "../state/memory.ts";
import type { Reader } from "../store/store.ts";
import { sumKey } from "../store/sums.ts";

/** What one request of a transaction would store. */
export interface ReadRequest<T> {
  readonly received: readonly T[];
}

/**
 * Which of these requests name computers beyond the limit: a sender that may report for others can invent any number of
 * them. Such a request is refused as a whole, for now; requests of known computers are not.
 *
 * @returns for each request whether it can be taken.
 */
export const takable = async <T extends { readonly origin: { readonly host: string } }>(
  tx: Pick<Reader, "computersByKey">,
  memory: Memory,
  requests: readonly ReadRequest<T>[],
): Promise<boolean[]> => {
  let space = memory.computersMax - memory.sums.get(sumKey("computers"));
  const records = requests.reduce((sum, it) => sum + it.received.length, 0);
  if (records <= space) return requests.map(() => true);
  const hosts = requests.map(({ received }) => new Set(received.map((it) => it.origin.host)));
  const known: Set<string> = new Set((await tx.computersByKey([...new Set(hosts.flatMap((it) => [...it]))])).keys());
  return hosts.map((it) => {
    const fresh = [...it].filter((host) => !known.has(host));
    if (fresh.length > Math.max(space, 0)) return false;
    space -= fresh.length;
    for (const host of fresh) known.add(host);
    return true;
  });
};

export const tooManyComputers = ({ computersMax }: Memory): string =>
  `there are ${computersMax} computers already; raise limits.computers, or find out who reports so many`;
