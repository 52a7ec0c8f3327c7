import { STATUS_EN } from "../codes/status-words.ts";
import type { Application } from "../products.ts";
import { type Instant, utcMinute } from "../time.ts";
import type { InstalledKey } from "./reading.ts";
import type { ProductClass } from "./rules.ts";

/** Why a KMS host is not safe, in sentences for people: what is wrong, then what to do. */
export type Key = Pick<InstalledKey, "application" | "partialProductKey" | "status"> & {
  readonly label: string;
  readonly deadline?: Instant | undefined;
};

const FAMILY: Readonly<Record<Application, string>> = {
  windows: "Windows",
  office: "Office",
  office2010: "Office 2010",
  unknown: "these",
};
const CLASS: Readonly<Record<ProductClass, string>> = {
  client: "Windows clients",
  server: "Windows Server computers",
  office: "Office computers",
  office2010: "Office 2010 computers",
};
const statusText = ({ status }: Key): string => (status === undefined ? "in an unknown state" : STATUS_EN[status]);
const named = ({ label, partialProductKey }: Key): string =>
  `${label === "other" ? "" : `${label} `}${partialProductKey}`;
const more = (count: number, what: string, whats = `${what}s`): string => `${count} more ${count === 1 ? what : whats}`;

/** What a class is called in a sentence about so many computers. */
export const className = (productClass: ProductClass, count: number): string =>
  count === 1 ? CLASS[productClass].replace(/s$/, "") : CLASS[productClass];

/** A count that is known as an interval only. */
export const interval = (atLeast: number, atMost: number): string => `${atLeast} to ${atMost}`;

export const keyLost = (application: Application, key: Key | undefined): string =>
  key
    ? `This host is no KMS host for ${FAMILY[application]} any more: its host key (${named(key)}) is ${statusText(key)}, and WMI reports that it does not serve. It refuses ${FAMILY[application]} clients. Activate the host key again.`
    : `This host has lost its KMS host key for ${FAMILY[application]}: WMI reports that it is no KMS host any more. It refuses ${FAMILY[application]} clients. Install and activate the key again, or list the host in kms.retired_hosts.`;

export const keyRefuses = (key: Key): string =>
  `The ${FAMILY[key.application]} host key (${named(key)}) is ${statusText(key)}: this host refuses ${FAMILY[key.application]} clients. Activate the host key again (slmgr /ato).`;

export const graceEnded = (key: Key): string =>
  `The grace period of the ${FAMILY[key.application]} host key (${named(key)}) ended on ${utcMinute(key.deadline!)}: this host refuses ${FAMILY[key.application]} clients. Activate the host key again (slmgr /ato).`;

export const refusing = (it: { code: string; requests: number; lastAt: Instant }): string =>
  `This host refuses its clients: it answered ${it.requests === 1 ? "1 request" : `${it.requests} requests`} with ${it.code}, the last on ${utcMinute(it.lastAt)}. Check the license of its host key (slmgr /dlv).`;

export const down = (zones: readonly string[]): string =>
  `No prober reaches this KMS host (seen from ${zones.length === 1 ? "zone" : "zones"} ${zones.join(", ")}). Check that the host runs and that TCP port 1688 is open.`;

export const startFailed = ({ at, code }: { at: Instant; code?: string | undefined }): string =>
  `The Key Management Service of this host failed to start on ${utcMinute(at)}${code === undefined ? "" : ` (${code})`}, and nothing shows that it runs since: it serves no client. Restart the service sppsvc and check the host key (slmgr /dlv).`;

export const inGrace = (key: Key): string =>
  `The ${FAMILY[key.application]} host key (${named(key)}) is ${statusText(key)}${key.deadline === undefined ? "" : ` until ${utcMinute(key.deadline)}`}. After that, this host refuses ${FAMILY[key.application]} clients. Activate the host key again (slmgr /ato).`;

/** A count, or the interval that it lies in, as text; `nearest` is its end that is nearest to the threshold. */
export interface CountText {
  readonly nearest: number;
  readonly text: string;
}

export const below = (it: ProductClass, { nearest, text }: CountText, required: number): string =>
  `${text} of ${required} clients. ${capital(more(required - nearest, "computer"))} must contact this host before it activates ${CLASS[it]} again.`;

export const notReached = (it: ProductClass, { nearest, text }: CountText, required: number): string =>
  `${text} of ${required} clients. This host has not activated ${CLASS[it]} yet: ${more(required - nearest, "computer")} must contact it first.`;

export const near = (it: ProductClass, { nearest, text }: CountText, required: number): string =>
  nearest === required
    ? `${text} clients, and ${CLASS[it]} need ${required}. One client less, and this host does not activate them any more.`
    : `${text} clients, only ${nearest - required} more than the ${required} that ${CLASS[it]} need.`;

export const falling = (it: ProductClass, at: Instant, required: number): string =>
  `If no client renews, the count for ${CLASS[it]} drops below ${required} on ${utcMinute(at)}.`;

export const between = (it: ProductClass, [atLeast, atMost]: readonly [number, number], required: number): string =>
  `The count for ${CLASS[it]} is between ${atLeast} and ${atMost}; ${required} are required. ${atMost - atLeast === 1 ? "1 client uses a product" : `${atMost - atLeast} clients use products`} that this collector does not know.`;

export const neverHeard = (): string =>
  "No data from this KMS host yet. Check that its agent runs and reads the Key Management Service log and the license state.";

export const silentSince = (at: Instant): string =>
  at === 0 ? neverHeard() : `No data from this KMS host since ${utcMinute(at)}. Check that the host and its agent run.`;

export const notCounted = (): string =>
  "The count is not known: the log of the last 30 days was not read without a gap, and the host reported no fresh count.";

export const unknownProducts = (): string =>
  "Clients of products that this collector does not know contacted this host. List their activation IDs in kms.products, so that they are counted where they belong.";

export const inMaintenance = ({ until, reason }: { until: Instant; reason: string }): string =>
  `In maintenance until ${utcMinute(until)}${reason === "" ? "" : `: ${reason}`}.`;

const capital = (text: string): string => text.replace(/^1 more/, "One more");

/** The sentences in one language: `import * as` of this module is the English one. */
export interface HealthSentences {
  readonly className: typeof className;
  readonly interval: typeof interval;
  readonly keyLost: typeof keyLost;
  readonly keyRefuses: typeof keyRefuses;
  readonly graceEnded: typeof graceEnded;
  readonly refusing: typeof refusing;
  readonly down: typeof down;
  readonly startFailed: typeof startFailed;
  readonly inGrace: typeof inGrace;
  readonly below: typeof below;
  readonly notReached: typeof notReached;
  readonly near: typeof near;
  readonly falling: typeof falling;
  readonly between: typeof between;
  readonly neverHeard: typeof neverHeard;
  readonly silentSince: typeof silentSince;
  readonly notCounted: typeof notCounted;
  readonly unknownProducts: typeof unknownProducts;
  readonly inMaintenance: typeof inMaintenance;
}
