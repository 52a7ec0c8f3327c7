import type { LicensingFact } from "../../licensing/facts.ts";
import { type NameRun, type NameSpan, withName } from "../../licensing/kms/duplicates.ts";
import { textOf } from "../../licensing/license.ts";
import { DAY, type Instant } from "../../licensing/time.ts";

/** When a computer's own WMI told a client machine ID: first and last. */
export interface ReportedId {
  readonly id: string;
  readonly at: readonly Instant[];
  /** The last time that the history of the ID was told of it. */
  readonly told: Instant;
  /** Other computers use the ID, too. */
  readonly shared?: true;
}

/** A computer's own client machine IDs: Windows has one, Office 2010 another, and setting up Windows anew makes a new one. */
export interface IdsReported {
  /** A list: as names of members, IDs would make a shape of its own of each computer's object. */
  machineIds?: readonly ReportedId[];
}
const IDS_MAX = 4;

/** What is known of one client machine ID beside its requests: plain data, one row. */
export interface MachineIdState {
  /** The names under which KMS hosts and agents have seen it. */
  readonly runs: readonly NameRun[];
  /** Computers whose own WMI told it. */
  readonly computers: readonly string[];
}
export const COMPUTERS_MAX = 16;

/** The text for the row of an ID. Nearly every ID is that of one computer, whose name alone is kept: the rest follows from it. */
export const machineIdText = (state: MachineIdState, isShared: boolean): string =>
  !isShared && state.computers.length === 1 ? state.computers[0]! : JSON.stringify(state);

/** The state that `machineIdText` wrote. Of the ID of one computer it is known when it was used last. */
export const machineIdState = ({
  state,
  lastAt,
}: {
  readonly state: string;
  readonly lastAt: Instant;
}): MachineIdState =>
  state.startsWith("{") ? (JSON.parse(state) as MachineIdState) : { runs: [[state, lastAt]], computers: [state] };

/** The history of an ID is told of a computer that goes on using it no more often than this. */
const TOLD_AGAIN_MS = 7 * DAY;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NO_ID = /^[0-]+$/;

/** The client machine IDs that one reading of WMI names, in lower case. */
export const machineIdsIn = ({ service, officeService }: LicensingFact): string[] => {
  const ids: string[] = [];
  for (const properties of [service, officeService]) {
    const id = textOf(properties?.ClientMachineID)?.toLowerCase();
    if (id !== undefined && GUID.test(id) && !NO_ID.test(id) && !ids.includes(id)) ids.push(id);
  }
  return ids;
};

/**
 * Records that a computer's WMI told this ID.
 *
 * @returns whether the history of the ID must be told of it.
 */
export const recordMachineId = (computer: IdsReported, id: string, at: Instant): boolean => {
  const known = reportedId(computer, id);
  if (!known) {
    computer.machineIds = newestIds([...(computer.machineIds ?? []), { id, at: [at], told: at }]);
    return true;
  }
  const last = known.at.at(-1)!;
  const [run] = withName([["", ...known.at]], "", at);
  const instants = run!.slice(1) as Instant[];
  const isTold = known.shared === true || at < last || at >= known.told + TOLD_AGAIN_MS;
  if (instants.length === known.at.length && instants.every((it, i) => it === known.at[i])) return false;
  putId(computer, { ...known, at: instants, told: isTold ? Math.max(at, last) : known.told });
  return isTold;
};

/** What is known of an ID that this computer has told. */
export const reportedId = ({ machineIds }: IdsReported, id: string): ReportedId | undefined =>
  machineIds?.find((it) => it.id === id);

/** An ID that is known keeps its place. */
const putId = (computer: IdsReported, id: ReportedId): void => {
  computer.machineIds = (computer.machineIds ?? []).map((it) => (it.id === id.id ? id : it));
};

/** Those that were told last, in the order of their texts. */
const newestIds = (ids: readonly ReportedId[]): readonly ReportedId[] =>
  ids
    .toSorted((a, b) => b.at.at(-1)! - a.at.at(-1)!)
    .slice(0, IDS_MAX)
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** When a computer's WMI told this ID, as a history of names. */
export const reportedRuns = (name: string, computer: IdsReported, id: string): readonly NameRun[] => {
  const at = reportedId(computer, id)?.at;
  return at ? [[name, ...at]] : [];
};

/** Between its first and its last reading of an ID a computer used it. */
export const reportedSpan = (name: string, computer: IdsReported, id: string): NameSpan[] => {
  const at = reportedId(computer, id)?.at;
  return at ? [{ name, first: at[0]!, last: at.at(-1)! }] : [];
};

/** Marks an ID of a computer as shared with others: each further reading counts for its history then. */
export const markShared = (computer: IdsReported, id: string): void => {
  const known = reportedId(computer, id);
  if (known && !known.shared) putId(computer, { ...known, shared: true });
};
