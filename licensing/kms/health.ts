import type { Application } from "../products.ts";
import { DAY, HOUR, type Instant } from "../time.ts";
import type { CountText, HealthSentences } from "./health-sentences.ts";
import * as english from "./health-sentences.ts";
import { refusesClients } from "./host-license.ts";
import type { InstalledKey } from "./reading.ts";
import type { ProductClass } from "./rules.ts";

/** Where "safe" ends: what alerts and dashboards must agree on, each number with the reason for it. */
export const HEALTH = {
  /** Longer than any host is silent that has a few dozen clients: 25 clients that renew weekly ask every seven hours. */
  unknownAfter: DAY,
  /**
   * Two renewals of every client fit into it, so that a count which really falls is told before it has fallen. Healthy
   * weekly renewal never comes under 23 days.
   */
  forecast: 14 * DAY,
  /** A few machines that are re-installed or off must not bring it below. */
  nearClients: 5,
  /** Servers and Office need 5 in all: one machine less is the last warning. */
  nearOthers: 1,
  /** A client that renews weekly never has less than 173 days left. */
  deadlineWithin: "7d",
  /** Laptops travel; one in twenty overdue is the network or the host. */
  overdueShare: 0.05,
  /** Weekends and holidays switch off fewer than one in five for three days. */
  staleShare: 0.2,
  /** Events are kept 30 days at the source at best; a day leaves time to repair. */
  backlog: DAY,
  /** WMI that shows a licensed key for so long after the last refusal outweighs it: a host is read every 15 minutes. */
  refusalOutweighed: HOUR,
  /** Log and count are read at different moments: a handful differs. */
  countsDisagree: 5,
  /** Requests that a host answers with an error within an hour, other than for the count; fewer are single computers. */
  failingRequests: 10,
  /** Beyond a renewal interval without any request. */
  noRequestsMargin: DAY,
  /** Microsoft's default, where the host's interval is not known. */
  renewalAssumed: 7 * DAY,
  /** Clients keep a place for 30 days: with a longer interval two missed renewals lose it. */
  renewalTooLong: 10 * DAY,
  /** A lost table is news for so long. */
  tableLostShown: DAY,
  /** Share of a host's clients that may share a machine ID before it is a cloned image. */
  duplicateIdsShare: 0.01,
  /** So long before a host's own grace ends there is time for the telephone. */
  hostGraceEnding: 14 * DAY,
} as const;

/** How one product family stands on a KMS host (docs/counting-rules.md, "Health is one function"), worst first. */
export const HEALTH_STATES = [
  "refusing",
  "down",
  "below",
  "near",
  "falling",
  "not_reached",
  "unknown",
  "maintenance",
  "safe",
] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** What health depends on; times are instants. */
export interface HealthFacts {
  readonly application: Application;
  readonly now: Instant;
  /** The keys by which the host serves this product family, one for each group of products. */
  readonly keys: readonly ServingKey[];
  /** The newest WMI reading says that the host does not serve this product family (any more). */
  readonly keyLost: boolean;
  /** The newest requests were answered with an error that says that the host itself cannot activate. */
  readonly refusal?: Refusal | undefined;
  /** Its service did not start (12291), and nothing has shown since that it runs. */
  readonly startFailed?: { readonly at: Instant; readonly code?: string | undefined } | undefined;
  /** The newest result of every kind of probe, by the zone it was seen from. */
  readonly probes: readonly { readonly probe: string; readonly proberZone: string; readonly up: boolean }[];
  /** Until when anything is known of the count. */
  readonly knownUntil?: Instant | undefined;
  /** The count is known exactly. */
  readonly counted: boolean;
  /** The log is complete, so that its forecast holds. */
  readonly complete: boolean;
  /** Product classes in use. */
  readonly classes: readonly ClassFacts[];
  /** An open maintenance window. */
  readonly maintenance?: { readonly until: Instant; readonly reason: string } | undefined;
}

export interface ServingKey extends Pick<InstalledKey, "application" | "partialProductKey" | "status"> {
  /** The products that the key is for. */
  readonly label: string;
  /** When its grace or validity ends. */
  readonly deadline?: Instant | undefined;
}

export interface Refusal {
  /** `0x` and eight digits, and what it means. */
  readonly code: string;
  readonly requests: number;
  readonly lastAt: Instant;
}

export interface ClassFacts {
  readonly productClass: ProductClass;
  readonly required: number;
  /** Absent while it is not known on which side of the threshold the count is. */
  readonly headroom?: number | undefined;
  readonly reached: boolean;
  readonly belowThresholdAt?: Instant | undefined;
  /** The ends between which the count is, where it is known no better (docs/counting-rules.md, "Pools"). */
  readonly between?: readonly [atLeast: number, atMost: number] | undefined;
}

export interface Reason {
  readonly state: HealthState;
  readonly sentence: string;
  /** The class that it is about; absent where it is about all. */
  readonly productClass?: ProductClass;
}

export interface Health {
  readonly state: HealthState;
  /** Why, worst first; none where the state is `safe`. */
  readonly reasons: readonly Reason[];
}

/** The one place that says whether a KMS host is healthy: page, API, metrics, findings, dashboards and alerts read this. */
export const healthOf = (facts: HealthFacts, say: HealthSentences = english): Health => {
  const found = [...refusals(facts, say), ...down(facts, say), ...ofKeys(facts, say), ...ofCount(facts, say)].sort(
    (a, b) => HEALTH_STATES.indexOf(a.state) - HEALTH_STATES.indexOf(b.state),
  );
  const { maintenance } = facts;
  const reasons: Reason[] = maintenance
    ? [{ state: "maintenance", sentence: say.inMaintenance(maintenance) }, ...found]
    : found;
  return { state: reasons[0]?.state ?? "safe", reasons };
};

/** The state of one product class: what is said of it alone, or of the whole count. */
export const classHealth = ({ reasons }: Health, productClass: ProductClass): HealthState =>
  worstState(
    reasons.filter((it) => it.productClass === undefined || it.productClass === productClass).map((it) => it.state),
  );

export const worstState = (states: readonly HealthState[]): HealthState =>
  HEALTH_STATES.find((it) => states.includes(it)) ?? "safe";

const refusals = ({ application, keys, keyLost, refusal, now }: HealthFacts, say: HealthSentences): Reason[] => {
  if (keyLost) return [{ state: "refusing", sentence: say.keyLost(application, keys[0]) }];
  const ended = keys.filter(
    ({ status, deadline }) => status !== "licensed" && deadline !== undefined && deadline <= now,
  );
  return [
    ...keys.filter((it) => refusesClients(it.status)).map((it) => say.keyRefuses(it)),
    ...ended.map((it) => say.graceEnded(it)),
    ...(refusal ? [say.refusing(refusal)] : []),
  ].map((sentence): Reason => ({ state: "refusing", sentence }));
};

/**
 * A host whose service did not start serves no clients. A host that accepts connections and answers no prober is down, too:
 * each kind of probe needs an answer to at least one prober.
 */
const down = ({ probes, startFailed }: HealthFacts, say: HealthSentences): Reason[] => {
  if (startFailed) return [{ state: "down", sentence: say.startFailed(startFailed) }];
  const failing = [...Map.groupBy(probes, (it) => it.probe).values()].find((all) => !all.some((it) => it.up));
  return failing ? [{ state: "down", sentence: say.down([...new Set(failing.map((it) => it.proberZone))]) }] : [];
};

/** A key in grace serves its clients, but not for long. */
const ofKeys = ({ keys, keyLost, now }: HealthFacts, say: HealthSentences): Reason[] =>
  keyLost
    ? []
    : keys
        .filter(({ status, deadline }) => status?.endsWith("_grace") && (deadline === undefined || deadline > now))
        .map((it) => ({ state: "falling", sentence: say.inGrace(it) }));

const ofCount = (facts: HealthFacts, say: HealthSentences): Reason[] => {
  const { application, keyLost, knownUntil, counted, classes, now } = facts;
  if (keyLost) return [];
  const unknown = (sentence: string): Reason[] => [{ state: "unknown", sentence }];
  if (knownUntil === undefined) return unknown(say.neverHeard());
  if (now - knownUntil > HEALTH.unknownAfter) return unknown(say.silentSince(knownUntil));
  if (application === "unknown") return unknown(say.unknownProducts());
  if (classes.length === 0) return counted ? [] : unknown(say.notCounted());
  const found = classes.flatMap((it) => ofClass(it, facts, say));
  return [...new Map(found.map((it) => [it.sentence, it])).values()];
};

const ofClass = (it: ClassFacts, { complete, now }: HealthFacts, say: HealthSentences): Reason[] => {
  const { productClass, required, headroom, reached, belowThresholdAt, between } = it;
  const reason = (state: HealthState, sentence: string): Reason[] => [{ state, sentence, productClass }];
  if (headroom === undefined)
    return between
      ? reason("unknown", say.between(productClass, between, required))
      : [{ state: "unknown", sentence: say.notCounted() }];
  const count: CountText = between
    ? { nearest: required + headroom, text: say.interval(...between) }
    : { nearest: required + headroom, text: String(required + headroom) };
  if (headroom < 0)
    return reached
      ? reason("below", say.below(productClass, count, required))
      : reason("not_reached", say.notReached(productClass, count, required));
  const near = headroom <= (productClass === "client" ? HEALTH.nearClients : HEALTH.nearOthers);
  const falls = complete && belowThresholdAt !== undefined && belowThresholdAt - now < HEALTH.forecast;
  return [
    ...(near ? reason("near", say.near(productClass, count, required)) : []),
    ...(falls ? reason("falling", say.falling(productClass, belowThresholdAt, required)) : []),
  ];
};
