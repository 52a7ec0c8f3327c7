import { deadlineOf, type License, STATUSES } from "../license.ts";
import type { Application } from "../products.ts";
import type { Instant } from "../time.ts";
import { CLIENT_LIFETIME } from "./ledger.ts";
import { ACTIVATION_VALIDITY, COUNT_TOO_LOW } from "./rules.ts";

/** The newest valid request of one client machine ID in one pool of one KMS host (12290), as far as it tells of the computer. */
export interface NewestRequest {
  readonly cmid: string;
  readonly kmsHost: string;
  readonly application: Application;
  readonly activationId: string | undefined;
  readonly at: Instant;
  /** LicenseStatus before the request, and the minutes that were left in it. */
  readonly status: number | undefined;
  readonly minutes: number | undefined;
  /** The KMS host counted too few clients: the request changed nothing. */
  readonly tooFew: boolean;
}

/**
 * The requests that speak for a computer that is known by KMS hosts' logs alone (docs/counting-rules.md, "Computers without an
 * agent"): of each product family the newest. A family of which nothing was asked for 30 days before the computer's newest
 * request is not in use. The newest request comes first; of one instant the names of host and machine ID decide.
 */
export const requestsInUse = <R extends NewestRequest>(requests: readonly R[]): R[] => {
  const [first] = requests;
  // Nearly always there is one.
  if (requests.length === 1 && first) return [first];
  const ordered = requests.toSorted(newestFirst);
  const since = (ordered[0]?.at ?? 0) - CLIENT_LIFETIME;
  const families = new Set<Application>();
  return ordered.filter(({ application, at }) => {
    if (at <= since || families.has(application)) return false;
    families.add(application);
    return true;
  });
};

const newestFirst = (a: NewestRequest, b: NewestRequest): number =>
  b.at - a.at || ascending(a.kmsHost, b.kmsHost) || ascending(a.cmid, b.cmid);
const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What a request tells of a license: 180 days from then where the KMS host's count sufficed (planning guide, "KMS activation
 * renewal"), otherwise the state and the time left that the client named.
 */
export const stateAfter = ({
  at,
  status,
  minutes,
  tooFew,
}: Pick<NewestRequest, "at" | "status" | "minutes" | "tooFew">): Pick<
  License,
  "status" | "deadline" | "deadlineKind" | "reason"
> => {
  if (!tooFew) return { status: "licensed", deadline: at + ACTIVATION_VALIDITY, deadlineKind: "validity" };
  const name = STATUSES[status ?? 0] ?? "unlicensed";
  return { status: name, ...deadlineOf(name, minutes, at), reason: COUNT_TOO_LOW };
};
