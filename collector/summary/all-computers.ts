import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { ACTIVATION_VALIDITY } from "../../licensing/kms/rules.ts";
import { APPLICATIONS } from "../../licensing/products.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import type { ComputerRow, Deadline, KmsClientRow, Reader } from "../store/store.ts";
import { type AgentlessComputer, agentlessComputer, CLIENTS_OF_NAME_MAX } from "./agentless.ts";

/**
 * Reads computers with and without an agent alike (docs/counting-rules.md, "Computers without an agent"): what asks for
 * computers need not know that those without one are kept as clients of their KMS hosts. Everything else is read as it is.
 */
export const allComputers = (reader: Reader, memory: Memory, now: Instant): Reader => {
  const agentless = async (names: readonly string[]): Promise<ComputerRow[]> => {
    const rows = Map.groupBy(await reader.kmsClientsOfComputers(names, CLIENTS_OF_NAME_MAX), (it) => it.computer);
    return [...rows].flatMap(([name, it]) => agentlessComputer(name, it, memory, now)?.row ?? []);
  };
  return {
    ...reader,
    computer: async (key) => (await reader.computer(key)) ?? (await agentless([key]))[0],
    computersByKey: async (keys) => {
      const known = await reader.computersByKey(keys);
      for (const it of await agentless(keys.filter((key) => !known.has(key)))) known.set(it.key, it);
      return known;
    },
    computers: async ({ after, limit }) => {
      const page: ComputerRow[] = [];
      for (let from = after; page.length < limit; ) {
        const [known, names] = [
          await reader.computers({ after: from, limit }),
          await reader.clientNames({ after: from, limit }),
        ];
        const ends = [
          known.length < limit ? undefined : known.at(-1)!.key,
          names.length < limit ? undefined : names.at(-1)!,
        ];
        // What lies behind the end of either is for the next look.
        const end = ends.filter((it) => it !== undefined).sort()[0];
        const isKnown = new Set(known.map((it) => it.key));
        const others = await agentless(names.filter((it) => !isKnown.has(it) && (end === undefined || it <= end)));
        const within = known.filter((it) => end === undefined || it.key <= end);
        page.push(...[...within, ...others].sort((a, b) => (a.key < b.key ? -1 : 1)));
        if (end === undefined) break;
        from = end;
      }
      return page.slice(0, limit);
    },
    computersByDeadline: async (query) => {
      const known = await reader.computersByDeadline(query);
      const { from, until, after = "", limit } = query;
      const isAsked = ({ key, deadline }: ComputerRow): boolean =>
        deadline !== null && deadline >= from && deadline < until && (deadline > from || key > after);
      const refused = (await refusedByCount(reader, memory, now)).map((it) => it.row).filter(isAsked);
      const others = new Map(
        [...refused, ...(await activated(reader, memory, query, now, isAsked))].map((it) => [it.key, it]),
      );
      const within = [...others.values()].map(deadlineOf);
      return within.length === 0 ? known : [...known, ...within].sort(byDeadline).slice(0, limit);
    },
  };
};

const deadlineOf = ({ key, zone, deadline, deadlineStatus, deadlineProduct }: ComputerRow): Deadline => ({
  key,
  zone,
  deadline: deadline!,
  status: deadlineStatus!,
  product: deadlineProduct!,
});

const byDeadline = (a: Deadline, b: Deadline): number => a.deadline - b.deadline || (a.key < b.key ? -1 : 1);

const AGENTLESS = 2;

/** Computers without an agent whose newest request found the count too low: few, because the count was low then. */
export const refusedByCount = async (reader: Reader, memory: Memory, now: Instant): Promise<AgentlessComputer[]> => {
  const names = new Set<string>();
  for (const host of memory.hosts.values())
    for (const pool of Object.values(host.pools))
      for (const it of Object.values(pool.simulation.waiting)) if (it.at > now - CLIENT_LIFETIME) names.add(it.name);
  if (names.size === 0) return [];
  const rows = Map.groupBy(await reader.kmsClientsOfComputers([...names], CLIENTS_OF_NAME_MAX), (it) => it.computer);
  return [...rows].flatMap(([name, it]) => {
    const computer = agentlessComputer(name, it, memory, now);
    return computer?.row.presence === AGENTLESS && computer.inUse.some((part) => part.tooFew) ? [computer] : [];
  });
};

/** Rows that are read at once of one pool of one KMS host, and in all: those of computers with an agent lie among them. */
const AT_ONCE = 50;
const LOOKED_AT_MAX = 20_000;

/** Those that were activated: their deadlines lie 180 days after their oldest request, so 150 days ahead at least. */
const activated = async (
  reader: Reader,
  memory: Memory,
  { from, until, limit }: { readonly from: Instant; readonly until: Instant; readonly limit: number },
  now: Instant,
  isAsked: (row: ComputerRow) => boolean,
): Promise<ComputerRow[]> => {
  const range = {
    from: Math.max(from - ACTIVATION_VALIDITY, now - CLIENT_LIFETIME),
    until: until - ACTIVATION_VALIDITY,
  };
  if (range.until <= range.from) return [];
  const found = new Map<string, ComputerRow>();
  let left = LOOKED_AT_MAX;
  for (const [kmsHost, { pools }] of memory.hosts)
    for (const pool of APPLICATIONS.filter((it) => pools[it])) {
      let ofPool = 0;
      for (let after: KmsClientRow | undefined, more = true; more && ofPool < limit && left > 0; ) {
        const query = { kmsHost, pool, ...range, ...(after && { after }), limit: AT_ONCE };
        const page = await reader.kmsClientsByTime(query);
        const names = [...new Set(page.map((it) => it.computer))].filter((it) => it !== "");
        const rows = await reader.kmsClientsOfComputers(names, CLIENTS_OF_NAME_MAX);
        for (const [name, it] of Map.groupBy(rows, (it) => it.computer)) {
          const row = agentlessComputer(name, it, memory, now)?.row;
          if (!row || !isAsked(row)) continue;
          found.set(name, row);
          ofPool += 1;
        }
        left -= page.length;
        after = page.at(-1);
        more = page.length === AT_ONCE;
      }
    }
  return [...found.values()];
};
