import { type KmsHostState, newKmsHost } from "./host-state.ts";
import { type CalledName, type CalledNames, countsOf, type ToldCounts, type ToldProduct } from "./names.ts";

/**
 * A KMS host as it was stored, maybe before some of its members existed, or by a version whose members this one cannot read. What
 * cannot be read is left out: a collector must start whatever it stored.
 */
export const storedHost = (json: string): KmsHostState => {
  const read: unknown = JSON.parse(json);
  const host = { ...newKmsHost(), ...(isMap(read) && read) } as KmsHostState;
  const fresh = newKmsHost();
  for (const [name, empty] of Object.entries(fresh))
    if (!isLike(host[name as keyof KmsHostState], empty)) Object.assign(host, { [name]: empty });
  host.told = readableTold(host.told);
  host.toldByAlias = host.toldByAlias.filter(isMap).map(readableTold);
  host.duplicates = withValues(host.duplicates, (it) => isMap(it) && Array.isArray(it.computers));
  for (const name of ["pools", "classes", "domains", "keys", "refused", "refusedRequests"] as const)
    Object.assign(host, { [name]: withValues(host[name], isMap) });
  host.aliases = withValues(host.aliases, (it) => typeof it === "number");
  return host;
};

/** The names by which clients call KMS hosts, as they were stored; without those that cannot be read. */
export const storedCalledNames = (json: string): CalledNames => {
  const read: unknown = JSON.parse(json);
  if (!isMap(read)) return {};
  const names = withValues(read as unknown as CalledNames, isCalledName);
  return Object.fromEntries(Object.entries(names).map(([name, it]) => [name, { ...it, told: readableTold(it.told) }]));
};

const isCalledName = (it: unknown): it is CalledName =>
  isMap(it) && typeof it.at === "number" && Array.isArray(it.requests) && isMap(it.told);

const readableTold = (told: ToldCounts): ToldCounts => withValues(told, isToldProduct);
const isToldProduct = (it: unknown): it is ToldProduct =>
  isMap(it) &&
  [it.newest, it.open ?? []].every((counts) => Array.isArray(counts) && counts.every(isMap)) &&
  countsOf(it as unknown as ToldProduct).length > 0;

type AnyMap = Readonly<Record<string, unknown>>;
const isMap = (it: unknown): it is AnyMap => typeof it === "object" && it !== null && !Array.isArray(it);
const isLike = (it: unknown, empty: unknown): boolean => (Array.isArray(empty) ? Array.isArray(it) : isMap(it));

const withValues = <T extends object>(map: T, isValue: (it: unknown) => boolean): T =>
  Object.values(map).every(isValue)
    ? map
    : (Object.fromEntries(Object.entries(map).filter(([, it]) => isValue(it))) as T);
