import { duplicateUntil } from "../../../licensing/kms/duplicates.ts";
import { hourOf } from "../../../licensing/time.ts";
import { groupsWithoutRoom, type HasRoom } from "../../state/folded-sums.ts";
import {
  type AgentlessRules,
  agentlessContributions,
  aloneLabels,
  type ClientPart,
  clientPart,
} from "../../state/kms/agentless.ts";
import type { KmsClientState } from "../../state/kms/client.ts";
import { type MachineIdState, machineIdState } from "../../state/machine-ids.ts";
import { isClientCounted, type RecountPosition } from "../../state/recount-position.ts";
import type { ClientKey, KmsClientRow, Reader } from "../../store/store.ts";
import { addDelta, addDifference, type Contribution, type Deltas } from "../../store/sums.ts";
import type { ClientEntry, PartBefore } from "./count-client.ts";

/** Clients of one name that are looked at: more than any honest computer leaves in 90 days. */
export const PARTS_MAX = 200;

/** The transaction that counts. */
export interface AgentlessCounting extends AgentlessRules {
  readonly recount: RecountPosition | undefined;
  readonly deltas: Deltas;
  readonly hasRoom: HasRoom;
}

/** What the clients of one name add. They are counted with the first of them in the order of the store. */
export const contributionsOfParts = (
  rules: AgentlessRules & Pick<AgentlessCounting, "recount">,
  parts: readonly ClientPart[],
): Contribution[] =>
  parts.length > 0 && (rules.recount === undefined || isClientCounted(rules.recount, firstOf(parts)))
    ? agentlessContributions(parts, rules)
    : [];

/** The first of them in the order of the store. */
export const firstOf = (parts: readonly ClientPart[]): ClientKey => {
  const { cmid, kmsHost, application } = parts.reduce((a, b) => (isBefore(b, a) ? b : a));
  return { key: cmid, kmsHost, pool: application };
};

const isBefore = (a: ClientPart, b: ClientPart): boolean =>
  [a.cmid, a.kmsHost, a.application].join("\u0000") < [b.cmid, b.kmsHost, b.application].join("\u0000");

export const partBefore = ({ computer }: Pick<KmsClientRow, "computer">, state: KmsClientState): PartBefore => ({
  computer,
  alone: computer !== "" && !state.own && !state.kin,
  own: state.own === true,
  coarse: state.coarse === true,
  server: state.server === true,
});

type Entry = ClientEntry & ClientKey;

/** Removes or moves clients of these names in the store, and counts their computers before and after. */
export const countAround = async (
  tx: Pick<Reader, "kmsClientsOfComputers">,
  counting: Omit<AgentlessCounting, "hasRoom">,
  names: Iterable<string>,
  change: () => Promise<void>,
): Promise<void> => {
  const all = [...new Set(names)].filter((it) => it !== "");
  const before = await storedContributions(tx, counting, all);
  await change();
  addDifference(counting.deltas, before, await storedContributions(tx, counting, all));
};

/**
 * Nearly always: one client that is a computer for itself asked again, and only the hour has changed. It is counted as exactly as
 * the bounds of the sums allow.
 */
export const countAlone = (counting: AgentlessCounting, client: Entry): void => {
  const { state, lastAt, lastAtBefore, activationIdBefore, partBefore } = client;
  const isSameProduct = state.activationId === activationIdBefore && (state.server ?? false) === partBefore.server;
  if (isSameProduct && hourOf(lastAt) === hourOf(lastAtBefore)) return;
  const { deltas, hasRoom, recount } = counting;
  if (isSameProduct && !partBefore.coarse && recount === undefined) {
    const labels = aloneLabels(client, counting);
    const key = labels + hourOf(lastAt);
    if (hasRoom(key)) {
      addDelta(deltas, labels + hourOf(lastAtBefore), -1);
      addDelta(deltas, key, 1);
      return;
    }
  }
  const now = clientPart(client, state);
  const before: ClientPart = {
    ...now,
    at: lastAtBefore,
    activationId: activationIdBefore,
    coarse: partBefore.coarse,
    isServer: partBefore.server,
  };
  addDifference(deltas, contributionsOfParts(counting, [before]), withRoom(counting, [now], [state]));
};

/** What they add as exactly as the bounds of the sums allow; their states say how exactly. */
const withRoom = (
  counting: AgentlessCounting,
  parts: readonly ClientPart[],
  states: readonly KmsClientState[],
): Contribution[] => {
  for (const it of states) if (it.coarse) delete it.coarse;
  const exact = contributionsOfParts(
    counting,
    parts.map((it) => (it.coarse ? { ...it, coarse: false } : it)),
  );
  if (groupsWithoutRoom(exact, counting.hasRoom).length === 0) return exact;
  states[0]!.coarse = true;
  const coarse = parts.map((it, i) => (i === 0 ? { ...it, coarse: true } : it));
  return contributionsOfParts(counting, coarse);
};

/** The clients of these names as the store has them. */
const storedParts = async (reader: Pick<Reader, "kmsClientsOfComputers">, names: readonly string[]) => {
  const rows = await reader.kmsClientsOfComputers(names, PARTS_MAX);
  return rows.map((row) => ({ row, state: JSON.parse(row.state) as KmsClientState }));
};

/** What the computers of these names add by the store. */
export const storedContributions = async (
  reader: Pick<Reader, "kmsClientsOfComputers">,
  counting: AgentlessRules & Pick<AgentlessCounting, "recount">,
  names: readonly string[],
): Promise<Contribution[]> => {
  const parts = (await storedParts(reader, names)).map(({ row, state }) => clientPart(row, state));
  return [...Map.groupBy(parts, (it) => it.computer).values()].flatMap((it) => contributionsOfParts(counting, it));
};

/** What a name's clients are counted by, as this transaction leaves them. */
interface Looking {
  readonly reader: Pick<Reader, "kmsClientsOfComputers" | "computersByKey" | "machineIds">;
  /** The clients that this transaction has changed or made. */
  readonly working: readonly Entry[];
  /** The working copy of a stored client that has not changed yet. */
  readonly entryOf: (row: KmsClientRow) => Entry;
  /** What is known already of client machine IDs: do they belong to one computer whose own agent told them? */
  readonly knownIds?: ReadonlyMap<string, boolean>;
  /** Computers that this transaction makes. */
  readonly isNewComputer: (name: string) => boolean;
}

/**
 * Counts the computers of these names anew: a client is new, has another name, or another fact has made its computer known.
 *
 * @returns the clients whose marks have changed, to be written.
 */
export const countNames = async (
  counting: AgentlessCounting,
  names: readonly string[],
  { reader, working, entryOf, isNewComputer, knownIds }: Looking,
): Promise<Entry[]> => {
  const stored = await storedParts(reader, names);
  const before = Map.groupBy(
    stored.map(({ row, state }) => clientPart(row, state)),
    (it) => it.computer,
  );
  for (const it of before.values()) addDifference(counting.deltas, contributionsOfParts(counting, it), []);
  const isNamed = new Set(names);
  const changed = new Map(working.map((it) => [keyOf(it), it]));
  const entries = [
    ...working.filter((it) => isNamed.has(it.computer)),
    ...stored.filter(({ row }) => !changed.has(keyOf(row))).map(({ row }) => entryOf(row)),
  ];
  const marked = await countEntries(counting, entries, { reader, isNewComputer, ...(knownIds && { knownIds }) });
  return marked.filter((it) => !changed.has(keyOf(it)));
};

/**
 * Adds what the computers of these clients add now, and marks the clients.
 *
 * @returns those whose marks have changed.
 */
export const countEntries = async (
  counting: AgentlessCounting,
  entries: readonly Entry[],
  {
    reader,
    isNewComputer,
    knownIds,
  }: Pick<Looking, "isNewComputer" | "knownIds"> & { reader: Pick<Reader, "computersByKey" | "machineIds"> },
): Promise<Entry[]> => {
  const known = await reader.computersByKey([...new Set(entries.map((it) => it.computer))]);
  const unknown = new Set(entries.map((it) => it.key).filter((it) => !knownIds?.has(it)));
  const ids = unknown.size > 0 ? await ownIds(reader, [...unknown]) : NO_IDS;
  const isOwn = (id: string) => knownIds?.get(id) ?? ids.has(id);
  const marked = new Set<Entry>();
  for (const [name, group] of Map.groupBy(entries, (it) => it.computer)) {
    if (name === "") continue;
    const isKnown = known.has(name) || isNewComputer(name);
    for (const it of group) if (mark(it.state, isKnown || isOwn(it.key), group.length > 1)) marked.add(it);
    const ordered = group.toSorted((a, b) => b.lastAt - a.lastAt || (keyOf(a) < keyOf(b) ? -1 : 1)).slice(0, PARTS_MAX);
    const before = ordered.map((it) => it.state.coarse);
    const parts = ordered.map((it) => clientPart(it, it.state));
    const states = ordered.map((it) => it.state);
    addDifference(counting.deltas, [], withRoom(counting, parts, states));
    for (const [i, it] of ordered.entries()) if (it.state.coarse !== before[i]) marked.add(it);
  }
  return [...marked];
};

const keyOf = ({ key, kmsHost, pool }: ClientKey): string => `${key} ${kmsHost} ${pool}`;

/** @returns whether they have changed. */
const mark = (state: KmsClientState, own: boolean, kin: boolean): boolean => {
  const isSame = (state.own ?? false) === own && (state.kin ?? false) === kin;
  if (own) state.own = true;
  else delete state.own;
  if (kin) state.kin = true;
  else delete state.kin;
  return !isSame;
};

/** Does the ID belong to one computer whose own agent told it, under whatever name it asks? Clones are told by their names. */
export const isOwnId = ({ computers, runs }: MachineIdState): boolean =>
  computers.length > 0 && duplicateUntil(runs) === undefined;

const NO_IDS: ReadonlySet<string> = new Set();

const ownIds = async (reader: Pick<Reader, "machineIds">, ids: readonly string[]): Promise<Set<string>> => {
  const own = new Set<string>();
  for (const it of await reader.machineIds(ids)) if (isOwnId(machineIdState(it))) own.add(it.key);
  return own;
};
