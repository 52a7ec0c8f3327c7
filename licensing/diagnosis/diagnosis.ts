import { codeRow } from "../codes/catalog.ts";
import type { Fault } from "../codes/code-row.ts";
import type { HealthState } from "../kms/health.ts";
import type { Channel, Status } from "../license.ts";
import { isUnreachable, type Reason } from "../reasons.ts";
import { DAY, type Instant, MINUTE } from "../time.ts";
import { isAttempt, type TimelineEntry } from "./timeline-entry.ts";

/** What is known of a computer when its state is explained. Times are instants. */
export interface ComputerFacts {
  readonly now: Instant;
  /** The license to talk of: the worst of those that speak for the computer. */
  readonly license?:
    | {
        readonly product: string;
        readonly status: Status;
        readonly channel: Channel;
        readonly deadline?: Instant | undefined;
      }
    | undefined;
  /** The last activation or renewal that succeeded. */
  readonly renewedAt?: Instant | undefined;
  readonly overdueAt?: Instant | undefined;
  /** In the order of time. */
  readonly entries: readonly TimelineEntry[];
  /** The KMS host that it asked last, where the collector knows it. */
  readonly host?: HostFacts | undefined;
}

export interface HostFacts {
  readonly name: string;
  readonly health: HealthState;
  /** Why it is not safe, in a sentence. */
  readonly reason?: string | undefined;
  /** When it last handled a request of any client. */
  readonly lastRequest?: Instant | undefined;
}

/** What is wrong, since when and through whom. The text comes from diagnosis-text.ts. */
export interface Diagnosis {
  readonly state: "ok" | "attention" | "problem" | "unknown";
  readonly cause: Cause;
  readonly fault: Fault | undefined;
  readonly since?: Instant | undefined;
  readonly code?: string | undefined;
  /** Failed attempts since then. */
  readonly attempts?: number | undefined;
  /** What the KMS host's side adds. */
  readonly evidence?: Evidence | undefined;
}
export type Cause =
  | "works"
  | "fails"
  /** The request got no answer at all. */
  | "no_answer"
  /** It should have asked, and no attempt of it is known. */
  | "no_attempt"
  /** Not licensed, and nothing tells why. */
  | "not_licensed"
  | "nothing_known";
export type Evidence =
  | { readonly kind: "host_state"; readonly host: HostFacts }
  | { readonly kind: "host_serves_others"; readonly host: HostFacts }
  | { readonly kind: "host_handled"; readonly host: string; readonly at: Instant };

/** Longer waits than this between 12288 and 12289 mean that no answer came. */
const ANSWER_WITHIN = 10 * MINUTE;

/**
 * Reads a computer's line of time: what is wrong, since when, and whose fault it is (client, network, DNS, host, key, clock,
 * Microsoft). Of several failures the newest decides, because what failed before may have been repaired.
 *
 * Planning guide, 「KMS ライセンス認証の更新」 and 「システムがライセンス認証されていない場合の対処方法?」; Microsoft's "Guidelines for
 * troubleshooting KMS" (12288 without 12289: no answer; no 12290: the request never reached the host).
 */
export const diagnose = (facts: ComputerFacts): Diagnosis => {
  const { license, entries, now, overdueAt } = facts;
  const attempts = withoutAnswer(entries, now);
  const lastSuccess = Math.max(
    facts.renewedAt ?? Number.NEGATIVE_INFINITY,
    ...attempts.filter((it) => it.outcome === "success" && it.source === "computer").map(lastOf),
  );
  const failures = attempts.filter((it) => it.outcome === "failure" && lastOf(it) > lastSuccess);
  const isLicensed = license?.status === "licensed";
  const state = isLicensed ? "attention" : "problem";
  const newest = mostTelling(failures);
  if (newest) {
    const since = Math.min(...failures.map((it) => (it.at > lastSuccess ? it.at : lastOf(it))));
    const count = Math.max(...attemptsByEvent(failures));
    return { state, since, attempts: count, ...causeOf(newest, facts) };
  }
  if (!license) return { state: "unknown", cause: "nothing_known", fault: undefined };
  const isOverdue = overdueAt !== undefined && overdueAt <= now;
  const since = entries.findLast((it) => "change" in it.what && it.what.change === "status")?.at;
  if (!isLicensed) {
    const tried = attempts.some((it) => it.at > now - 2 * DAY);
    const fault: Fault = license.status === "non_genuine_grace" ? "key" : "client";
    return { state, cause: tried ? "not_licensed" : "no_attempt", fault, since };
  }
  if (isOverdue) return { state, cause: "no_attempt", fault: "client", since: overdueAt };
  return { state: "ok", cause: "works", fault: "none" };
};

const lastOf = (it: TimelineEntry): Instant => it.until ?? it.at;

/** Attempts; a request that nothing answered for ten minutes has failed. */
const withoutAnswer = (entries: readonly TimelineEntry[], now: Instant): TimelineEntry[] => {
  const answers = entries.filter((it) => idOf(it) === 12289);
  return entries.filter(isAttempt).flatMap((it) => {
    if (idOf(it) !== 12288 || it.outcome !== "info") return [it];
    const at = lastOf(it);
    const isAnswered = answers.some((other) => lastOf(other) >= at && other.at <= at + ANSWER_WITHIN);
    return isAnswered || now < at + ANSWER_WITHIN ? [] : [{ ...it, outcome: "failure" as const }];
  });
};

const idOf = ({ what }: TimelineEntry): number | undefined => ("eventId" in what ? what.eventId : undefined);

/** How often each kind of event tells of a failure: one attempt is told by several kinds. */
const attemptsByEvent = (failures: readonly TimelineEntry[]): number[] =>
  [...Map.groupBy(failures, (it) => `${idOf(it)} ${it.source}`).values()].map((all) =>
    all.reduce((sum, it) => sum + it.count, 0),
  );

/** The service's own words (8198, 8233) repeat what the attempt's event says with its host. */
const mostTelling = (failures: readonly TimelineEntry[]): TimelineEntry | undefined => {
  const newest = failures.toSorted((a, b) => lastOf(b) - lastOf(a))[0];
  if (!newest) return undefined;
  const near = failures.filter((it) => lastOf(it) >= lastOf(newest) - ANSWER_WITHIN);
  const rank = (it: TimelineEntry) => (it.result === undefined ? 2 : 0) + (REPEATS.has(idOf(it)!) ? 1 : 0);
  return near.toSorted((a, b) => rank(a) - rank(b) || lastOf(b) - lastOf(a))[0];
};
const REPEATS: ReadonlySet<number> = new Set([8198, 8233]);

const causeOf = (
  failure: TimelineEntry,
  { host, entries }: ComputerFacts,
): Pick<Diagnosis, "cause" | "fault" | "code" | "evidence"> => {
  const { result: code } = failure;
  const row = code === undefined ? undefined : codeRow(code.slice(2));
  const isSilence = idOf(failure) === 12288 && code === undefined;
  const reason: Reason = isSilence ? "host_unreachable" : (row?.[2] ?? "other");
  const cause = isSilence ? "no_answer" : "fails";
  const known = row?.[3] ?? (isSilence ? "network" : "client");
  const base = { cause, code } as const;
  const handled = entries.findLast(
    (it) => idOf(it) === 12290 && it.outcome === "success" && Math.abs(lastOf(it) - lastOf(failure)) <= ANSWER_WITHIN,
  );
  if (isSilence && handled)
    return {
      ...base,
      fault: "network",
      evidence: { kind: "host_handled", host: handled.observer, at: lastOf(handled) },
    };
  if (!host) return { ...base, fault: known };
  if (isUnreachable(reason)) {
    const isDown = host.health === "down" || host.health === "refusing";
    if (isDown) return { ...base, fault: "host", evidence: { kind: "host_state", host } };
    if (reason === "host_unreachable" && (host.lastRequest ?? 0) >= lastOf(failure) - ANSWER_WITHIN)
      return { ...base, fault: "network", evidence: { kind: "host_serves_others", host } };
    return { ...base, fault: known };
  }
  const isOfHost = reason === "count_too_low" || reason === "host_not_activated";
  return isOfHost && host.reason !== undefined
    ? { ...base, fault: "host", evidence: { kind: "host_state", host } }
    : { ...base, fault: known };
};
