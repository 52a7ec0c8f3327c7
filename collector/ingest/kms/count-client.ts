import type { Products } from "../../../licensing/products.ts";
import type { Instant } from "../../../licensing/time.ts";
import { groupsWithoutRoom, type HasRoom } from "../../state/folded-sums.ts";
import { type CountedClient, clientContributions, countsAlike, type KmsClientState } from "../../state/kms/client.ts";
import type { Memory } from "../../state/memory.ts";
import { isClientCounted } from "../../state/recount-position.ts";
import type { ClientKey } from "../../store/store.ts";
import { addDifference, type Deltas } from "../../store/sums.ts";

/** A client's name and marks as the store has them. */
export interface PartBefore {
  readonly computer: string;
  /** It is a computer for itself. */
  readonly alone: boolean;
  readonly own: boolean;
  readonly coarse: boolean;
  readonly server: boolean;
}

/** A client's state on its way from one row to the next. */
export interface ClientEntry {
  readonly state: KmsClientState;
  lastAt: Instant;
  /** What the store has; 0: it does not know the client yet. */
  readonly lastAtBefore: Instant;
  readonly activationIdBefore: string | undefined;
  readonly foldedBefore: boolean;
  /** The name under which it asked last, as a computer's name. */
  computer: string;
  readonly partBefore: PartBefore;
}

/** The transaction that counts. */
interface Counting {
  readonly memory: Pick<Memory, "recount">;
  readonly products: Products;
  readonly deltas: Deltas;
  readonly hasRoom: HasRoom;
}

/** Adds the difference that a client's newest request makes. A client is counted as exactly as the bounds of the sums allow. */
export const countClient = (work: Counting, client: ClientEntry & ClientKey): void => {
  const { kmsHost, pool, lastAt, lastAtBefore, activationIdBefore, foldedBefore, state } = client;
  // A recount that has not come here yet will count it as it is then.
  if (!isClientCounted(work.memory.recount, client)) return;
  const before =
    lastAtBefore === 0
      ? undefined
      : { kmsHost, pool, lastAt: lastAtBefore, activationId: activationIdBefore, folded: foldedBefore };
  const now = { kmsHost, pool, lastAt, activationId: state.activationId, folded: foldedBefore };
  if (before && countsAlike(before, now)) return;
  const folded = isWithoutRoom(work, now);
  if (folded) state.folded = true;
  else delete state.folded;
  addDifference(
    work.deltas,
    before ? clientContributions(before, work.products) : [],
    clientContributions({ ...now, folded }, work.products),
  );
};

/** Would what it adds to the sums be one sum too many? */
export const isWithoutRoom = (
  { hasRoom, products }: Pick<Counting, "hasRoom" | "products">,
  client: CountedClient,
): boolean => groupsWithoutRoom(clientContributions({ ...client, folded: false }, products), hasRoom).length > 0;
