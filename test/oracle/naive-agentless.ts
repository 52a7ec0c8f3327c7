import { DAY, type Fact, type Instant, ofKind, type RequestHandled } from "./fact.ts";
import { type ExpectedKmsHost, sizeRightAfter } from "./naive-kms-host.ts";

/**
 * Computers that only KMS hosts' logs name, from all facts at once (docs/counting-rules.md, "Computers without an agent"). It
 * shares no code with the product. Left out: client machine IDs that a reading of WMI tells, whatever their names, and the
 * state where the host's table was lost or the product's pool is learned.
 */
export interface ExpectedAgentless {
  readonly computer: string;
  readonly lastSeen: Instant;
  /** By activation ID. */
  readonly licenses: Readonly<Record<string, { readonly status: string; readonly deadline: Instant | undefined }>>;
}

const FAMILY: Readonly<Record<string, string>> = {
  "73111121-5638-40f6-bc11-f1d7b0d64300": "windows",
  "8c1c5410-9f39-4805-8c9d-63a07706358f": "windows",
  "d450596f-894d-49e0-966a-fd39ed4c4c64": "office",
  "6f327760-8c5c-417c-9b61-836a98287e0c": "office2010",
};
const STATUSES = ["unlicensed", "licensed", "oob_grace", "oot_grace", "non_genuine_grace", "notification"] as const;
const LIFETIME = 30 * DAY;

const isValid = ({ hresult }: RequestHandled): boolean => hresult === "0x00000000" || hresult === "0xC004F038";

/** Names whose clients are all of known products, with what is expected of them; `names` are all that may be there. */
export const expectedAgentless = (
  facts: readonly Fact[],
  hosts: readonly ExpectedKmsHost[],
): { expected: ExpectedAgentless[]; names: ReadonlySet<string> } => {
  const senders = new Set(facts.map((it) => it.sender.host));
  const told = new Set(ofKind(facts, "reading").flatMap((it) => it.cmid ?? []));
  const valid = ofKind(facts, "request_handled").filter(isValid);
  const names = new Set<string>();
  const unsure = new Set<string>();
  const parts = new Map<string, RequestHandled[]>();
  const clients = Map.groupBy(valid, (it) => `${it.host} ${it.cmid} ${FAMILY[it.activationId] ?? it.activationId}`);
  for (const requests of clients.values()) {
    const ordered = requests.toSorted((a, b) => a.at - b.at || a.recordId - b.recordId);
    const newest = ordered.at(-1)!;
    const name = newest.name.toLowerCase();
    if (senders.has(name)) continue;
    names.add(name);
    const isUnsure =
      told.has(newest.cmid) ||
      FAMILY[newest.activationId] === undefined ||
      // Of two requests of one instant the newest is not certain.
      ordered.at(-2)?.at === newest.at ||
      hosts.some((it) => it.host === newest.host && it.pools.some((pool) => pool.tableLostAt !== undefined));
    if (isUnsure) unsure.add(name);
    parts.set(name, [...(parts.get(name) ?? []), newest]);
  }
  const expected = [...parts].flatMap(([computer, requests]): ExpectedAgentless[] => {
    if (unsure.has(computer)) return [];
    const lastSeen = Math.max(...requests.map((it) => it.at));
    const licenses: Record<string, ExpectedAgentless["licenses"][string]> = {};
    for (const ofFamily of Map.groupBy(requests, (it) => FAMILY[it.activationId]).values()) {
      const ordered = ofFamily.toSorted((a, b) => b.at - a.at);
      const [newest] = ordered as [RequestHandled];
      if (ordered[1]?.at === newest.at) return [];
      if (newest.at > lastSeen - LIFETIME) licenses[newest.activationId] = stateOf(newest, facts);
    }
    return [{ computer, lastSeen, licenses }];
  });
  return { expected, names };
};

/** The count sufficed where the host's table held so many clients. */
const stateOf = (request: RequestHandled, facts: readonly Fact[]): ExpectedAgentless["licenses"][string] => {
  const { at, need, hresult, status, minutes } = request;
  if (hresult === "0x00000000" && sizeRightAfter(request, facts) >= need)
    return { status: "licensed", deadline: at + 180 * DAY };
  const name = STATUSES[status]!;
  const ends = name !== "unlicensed" && name !== "notification" && !(name === "licensed" && minutes === 0);
  return { status: name, deadline: ends ? at + minutes * 60_000 : undefined };
};
