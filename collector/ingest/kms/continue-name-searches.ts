import { normalise } from "../../../licensing/events/normalise.ts";
import type { KmsHostState, NameSearch } from "../../state/kms/host-state.ts";
import { requestOf } from "../../state/kms/request.ts";
import type { EventRow, Transaction } from "../../store/store.ts";
import { factOf } from "../../store/stored-event.ts";
import type { UnitOfWork } from "../unit-of-work.ts";

const REQUEST = 12290;
/** So many events are in memory at once, and so many one transaction looks at. */
const PAGE = 1_000;
const ROWS_MAX = 5_000;

/** Goes on looking for names among the stored requests of KMS hosts, for a piece of them. */
export const continueNameSearches = async (tx: Transaction, work: UnitOfWork): Promise<void> => {
  let left = ROWS_MAX;
  for (const [name, { nameSearch }] of work.hosts()) {
    const host = nameSearch && work.host(name);
    if (!host) continue;
    for (; left > 0 && host.nameSearch; left -= PAGE)
      await searchPage(tx, work, { name, host, search: host.nameSearch });
  }
};

const searchPage = async (
  tx: Transaction,
  work: UnitOfWork,
  { name, host, search }: { name: string; host: KmsHostState; search: NameSearch },
): Promise<void> => {
  const { position, ids, until } = search;
  const after = { at: position[0], id: Buffer.from(position[1], "hex") };
  const page = await tx.eventsInOrder(name, REQUEST, { after, limit: PAGE });
  for (const row of page) if (row.at < until) recordFound(work, row, ids);
  const last = page.at(-1);
  if (page.length < PAGE || last!.at >= until) delete host.nameSearch;
  else host.nameSearch = { ...search, position: [last!.at, Buffer.from(last!.id).toString("hex")] };
};

const recordFound = (work: UnitOfWork, row: EventRow, ids: readonly string[]): void => {
  const request = requestOf(normalise(factOf(row)), row.at, work.products);
  if (!request?.valid || request.name === "" || !ids.includes(request.cmid)) return;
  work.changedIds.add(request.cmid, { found: { name: request.name, at: row.at } });
};
