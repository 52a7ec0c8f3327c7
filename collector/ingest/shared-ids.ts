import {
  duplicateUntil,
  hasSeveralNames,
  mergeSharedNames,
  missingAround,
  type NameRun,
  namesInUse,
  withSpans,
} from "../../licensing/kms/duplicates.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import type { Instant } from "../../licensing/time.ts";
import { recordDuplicate } from "../state/kms/host.ts";
import { searchNames } from "../state/kms/name-search.ts";
import {
  COMPUTERS_MAX,
  type MachineIdState,
  machineIdState,
  machineIdText,
  markShared,
  reportedId,
  reportedRuns,
  reportedSpan,
} from "../state/machine-ids.ts";
import type { MachineIdRow, Transaction } from "../store/store.ts";
import { continueNameSearches } from "./kms/continue-name-searches.ts";
import { isOwnId } from "./kms/count-agentless.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Rows of one ID that are looked at: more KMS hosts and pools than any honest computer asks. */
const ROWS_MAX = 24;
/** As many as one KMS host shows. */
const IDS_MAX = 1_000;

/**
 * Looks for client machine IDs that several computers use, over all KMS hosts and agents (docs/counting-rules.md): of those
 * whose names this transaction may have changed. A client that asks on under its one name is not among them, so that the
 * steady state costs no query.
 */
export const recordSharedIds = async (tx: Transaction, work: UnitOfWork): Promise<void> => {
  // What computers told before anything made their KMS host known belongs to it, too.
  if (work.newHosts().length > 0) for (const id of await tx.sharedMachineIds(IDS_MAX)) work.changedIds.add(id);
  await continueNameSearches(tx, work);
  const ids = work.changedIds.ids();
  if (ids.length === 0) return;
  const known = new Map((await tx.machineIds(ids)).map((it) => [it.key, machineIdState(it)]));
  const clients = work.clientsOf(ids, await tx.kmsClientsOfIds(ids, ROWS_MAX));
  const computersOf = new Map(
    ids.map((id) => [id, withComputers(known.get(id)?.computers, work.changedIds.get(id).computers)]),
  );
  await work.loadComputers(tx, [...computersOf.values()].flat());
  const rows: MachineIdRow[] = [];
  for (const id of ids) {
    const computers = computersOf.get(id)!;
    const asked = clients.get(id) ?? [];
    const only = asked.length === 0 ? rowOfOnly(work, { id, computers, known: known.get(id) }) : undefined;
    if (only) {
      rows.push(only);
      work.ownIds.set(id, true);
      continue;
    }
    const histories = [
      known.get(id)?.runs ?? [],
      ...asked.map((it) => it.state.runs),
      ...computers.map((name) => reportedRuns(name, work.knownComputer(name)?.state ?? {}, id)),
    ];
    const { uses, found } = work.changedIds.get(id);
    const runs = mergeSharedNames(histories, [...uses, ...found]);
    const kmsHosts = new Set(asked.map((it) => it.kmsHost));
    for (const missing of uses.flatMap((use) => histories.map((it) => missingAround(it, use))))
      if (missing) for (const name of kmsHosts) searchNames(work.host(name)!, id, missing);
    const isShared = hasSeveralNames(runs);
    if (isShared) {
      for (const it of asked) if (!it.state.shared) work.markSharedClient(it);
      for (const name of computers) markShared(work.knownComputer(name)?.state ?? {}, id);
    }
    work.ownIds.set(id, isOwnId({ runs, computers }));
    // Whether it is one computer that has an agent may have changed.
    if (computers.length > 0) work.addNames(asked.map((it) => it.computer));
    const spans = computers.flatMap((name) => reportedSpan(name, work.knownComputer(name)?.state ?? {}, id));
    recordOnHosts(work, id, withSpans(runs, spans), lastUses(work, asked, { id, computers }));
    if (isShared || computers.length > 0) {
      const state: MachineIdState = { runs, computers };
      const lastAt = Math.max(0, ...runs.map((it) => it.at(-1) as Instant));
      rows.push({ key: id, lastAt, shared: isShared, state: machineIdText(state, isShared) });
    }
  }
  await tx.putMachineIds(rows);
};

const withComputers = (known: readonly string[] = [], told: ReadonlySet<string>): readonly string[] =>
  known.length === 0 && told.size < 2 ? [...told] : [...new Set([...known, ...told])].sort().slice(0, COMPUTERS_MAX);

/** Nearly always so: one computer told the ID, and nothing else is known of it. Undefined where there is more to compare. */
const rowOfOnly = (
  work: UnitOfWork,
  { id, computers, known }: { id: string; computers: readonly string[]; known: MachineIdState | undefined },
): MachineIdRow | undefined => {
  const [name, ...others] = computers;
  const { uses, found } = work.changedIds.get(id);
  if (name === undefined || others.length > 0 || uses.length > 0 || found.length > 0) return undefined;
  if (known?.runs.some((it) => it[0] !== name)) return undefined;
  const state = work.knownComputer(name)?.state;
  const told = state && reportedId(state, id);
  if (!told || told.shared || (state.target && work.knownHost(state.target.name)?.duplicates[id])) return undefined;
  const lastAt = Math.max(told.at.at(-1)!, ...(known?.runs.map((it) => it.at(-1) as Instant) ?? []));
  return { key: id, lastAt, shared: false, state: machineIdText({ runs: [], computers }, false) };
};

/** The KMS hosts that an ID belongs to, each with the last time: those that it asked, and those that its computers' agents name. */
const lastUses = (
  work: UnitOfWork,
  asked: readonly { readonly kmsHost: string; readonly lastAt: Instant }[],
  { id, computers }: { id: string; computers: readonly string[] },
): Map<string, Instant> => {
  const uses = new Map<string, Instant>();
  const add = (host: string, at: Instant) => uses.set(host, Math.max(at, uses.get(host) ?? 0));
  for (const it of asked) add(it.kmsHost, it.lastAt);
  for (const name of computers) {
    const state = work.knownComputer(name)?.state;
    const last = state && reportedId(state, id)?.at.at(-1);
    if (state?.target && last !== undefined && work.knownHost(state.target.name)) add(state.target.name, last);
  }
  return uses;
};

/** A KMS host tells of a duplicate as long as the ID belongs to it. */
const recordOnHosts = (
  work: UnitOfWork,
  id: string,
  runs: readonly NameRun[],
  uses: ReadonlyMap<string, Instant>,
): void => {
  const duplicate = duplicateUntil(runs);
  const computers = namesInUse(runs);
  for (const [name, lastUse] of uses) {
    const until = duplicate === undefined ? undefined : Math.min(duplicate, lastUse + CLIENT_LIFETIME);
    const before = work.knownHost(name)?.duplicates[id];
    if (before?.until === until && before?.computers.join() === (before && computers.join())) continue;
    const host = work.host(name);
    if (host) recordDuplicate(host, id, { computers, until });
  }
};
