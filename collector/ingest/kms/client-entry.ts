import type { KmsClientState } from "../../state/kms/client.ts";
import type { ClientKey, KmsClientRow } from "../../store/store.ts";
import { partBefore } from "./count-agentless.ts";
import type { ClientEntry, PartBefore } from "./count-client.ts";

/** A client on its way from one row to the next, with its key. */
export type ClientEntryOf = ClientEntry & ClientKey;

const NO_PART: PartBefore = { computer: "", alone: false, own: false, coarse: false, server: false };

/** A client that the store does not have. */
export const newClientEntry = ({ kmsHost, pool, key }: ClientKey): ClientEntryOf => ({
  state: { runs: [] },
  lastAt: 0,
  lastAtBefore: 0,
  activationIdBefore: undefined,
  foldedBefore: false,
  computer: "",
  partBefore: NO_PART,
  kmsHost,
  pool,
  key,
});

/** A client as the store has it. */
export const clientEntry = (row: KmsClientRow): ClientEntryOf => {
  const { kmsHost, pool, key, lastAt, computer } = row;
  const state = JSON.parse(row.state) as KmsClientState;
  return {
    state,
    lastAt,
    lastAtBefore: lastAt,
    activationIdBefore: state.activationId,
    foldedBefore: state.folded ?? false,
    computer,
    partBefore: partBefore(row, state),
    kmsHost,
    pool,
    key,
  };
};

export const clientRow = ({ kmsHost, pool, key, lastAt, computer, state }: ClientEntryOf): KmsClientRow => ({
  kmsHost,
  pool,
  key,
  lastAt,
  computer,
  state: JSON.stringify(state),
});
