import { eventRow } from "../codes/catalog.ts";
import { codeIn, effectOf } from "../events/effects.ts";
import type { EventName, NormalisedEvent } from "../events/names.ts";
import { isSuccess } from "../kms/rules.ts";
import { STATUSES, type Status } from "../license.ts";
import type { Instant } from "../time.ts";
import type { Run } from "../timeline.ts";

/** Who observed it: the computer's own log, its KMS host's log, a prober, or the readings of its WMI. */
export type EntrySource = "computer" | "kms_host" | "prober" | "reading";

/** One line of what happened to a computer or a KMS host. Several of a kind that follow one another are one, with their number. */
export interface TimelineEntry {
  readonly at: Instant;
  /** Of several, the last. */
  readonly until?: Instant;
  readonly count: number;
  readonly source: EntrySource;
  /** Whose log or readings it is, or who probed. */
  readonly observer: string;
  readonly what: EntryKind;
  readonly outcome: "success" | "failure" | "info";
  /** HRESULT of what failed, as `0x` and eight digits. */
  readonly result?: string;
  /** The other side, a product, a state or a deadline, as the entry names them. */
  readonly details: EntryDetails;
}
export type EntryKind =
  | { readonly event: EventName; readonly eventId: number }
  | { readonly change: "status" | "channel" | "probe" };
export interface EntryDetails {
  readonly peer?: string;
  readonly activationId?: string;
  readonly kmsCount?: number;
  readonly required?: number;
  readonly status?: Status;
  readonly deadline?: Instant;
  readonly text?: string;
}

/** Event IDs of the line of time of a computer. 900 to 903, 1003, 1066 and 16384 repeat all day and say nothing here. */
// biome-ignore format: by hundreds
export const TIMELINE_EVENTS: readonly number[] = [
  1016, 1017, 1018, 1025, 1036, 1037, 1040,
  8198, 8200, 8208, 8209, 8212, 8213, 8214, 8215, 8230, 8233,
  12288, 12289, 12291, 12292, 12293, 12294, 12304, 12305, 12306, 12307, 12308, 12309, 12310, 12311, 12320, 12321, 12322,
];
/** Starts and stops of its service, too: on a KMS host they are rare, and each interrupts it. */
export const HOST_TIMELINE_EVENTS: readonly number[] = [...TIMELINE_EVENTS, 902, 903];

/** What came of an attempt at activation: by these an administrator sees whether it works. */
const ATTEMPTS: ReadonlySet<number> = new Set([
  8198, 8215, 8233, 12288, 12289, 12290, 12308, 12309, 12320, 12321, 12322,
]);
export const isAttempt = ({ what }: TimelineEntry): boolean => "eventId" in what && ATTEMPTS.has(what.eventId);

/** An event of a computer's or a KMS host's log as a line; undefined for one that says nothing. */
export const entryOfEvent = (
  event: NormalisedEvent,
  at: Instant,
  source: "computer" | "kms_host",
): TimelineEntry | undefined => {
  const { event_id: eventId } = event;
  const effect = effectOf(event);
  // Windows looks for a token at each attempt, and finds none where none are used.
  if (eventId === 12321 && !effect) return undefined;
  const { outcome, result } = resultOf(event);
  const peer = event.kms_host ?? event.client_fqdn ?? event.dns_domain;
  const state = effect?.kind === "state" ? effect : undefined;
  const status = state?.status ?? (event.license_status === undefined ? undefined : STATUSES[event.license_status]);
  return {
    at,
    count: 1,
    source,
    observer: event.computer.toLowerCase(),
    what: { event: event.event, eventId },
    outcome,
    ...(result && { result }),
    details: {
      ...(peer && { peer: peer.toLowerCase() }),
      ...((event.activation_id ?? state?.activationId) && { activationId: event.activation_id ?? state!.activationId }),
      ...(event.kms_count !== undefined && { kmsCount: event.kms_count }),
      ...(event.required_count !== undefined && { required: event.required_count }),
      ...(status && { status }),
      ...(state?.deadline !== undefined && { deadline: state.deadline }),
    },
  };
};

const COUNT_TOO_LOW = "0xC004F038";
const NOT_ENOUGH_COUNT = 0x0400_0000;

const resultOf = (event: NormalisedEvent): Pick<TimelineEntry, "outcome" | "result"> => {
  const code = event.hresult ?? codeIn(event.data);
  const failed = code !== undefined && !isSuccess(code) ? code : undefined;
  switch (event.event_id) {
    case 12288:
      return failed ? { outcome: "failure", result: failed } : { outcome: "info" };
    case 12289: {
      if (event.activated && !failed) return { outcome: "success" };
      const tooFew = Number(event.status_flags ?? 0) & NOT_ENOUGH_COUNT ? COUNT_TOO_LOW : undefined;
      const result = failed ?? tooFew;
      return { outcome: "failure", ...(result && { result }) };
    }
    default: {
      const effect = effectOf(event);
      if (failed) return { outcome: "failure", result: failed };
      if (effect?.kind === "attempt") return { outcome: effect.activated ? "success" : "failure" };
      if (GOOD.has(event.event_id)) return { outcome: "success" };
      const [, fault] = eventRow(event.event_id) ?? [];
      return { outcome: fault === undefined || fault === "none" ? "info" : "failure" };
    }
  }
};
const GOOD: ReadonlySet<number> = new Set([12290, 12294, 12305, 12306]);

/** Changes between consecutive readings of WMI, from the texts `status channel rearms` of the runs of readings. */
export const entriesOfHistory = (history: readonly Run[], computer: string): TimelineEntry[] => {
  const entries: TimelineEntry[] = [];
  let before: { readonly status: string; readonly channel: string } | undefined;
  for (const [text, at] of history) {
    const [status = "", channel = ""] = text.split(" ");
    if (!STATUSES.includes(status as Status)) continue;
    const base = { at: at!, count: 1, source: "reading" as const, observer: computer };
    if (before && before.status !== status)
      entries.push({
        ...base,
        what: { change: "status" },
        outcome: status === "licensed" ? "success" : "failure",
        details: { status: status as Status },
      });
    if (before && before.channel !== channel)
      entries.push({
        ...base,
        what: { change: "channel" },
        outcome: "info",
        details: { text: `${before.channel} → ${channel}` },
      });
    before = { status, channel };
  }
  return entries;
};

/** In the order of time; of one instant the client's side first, because it asks. What is alike and adjacent is one entry. */
export const timelineOf = (all: readonly TimelineEntry[], limit: number): TimelineEntry[] => {
  const sorted = [...all].sort((a, b) => a.at - b.at || ascending(a.source, b.source) || ascending(keyOf(a), keyOf(b)));
  const merged: TimelineEntry[] = [];
  for (const it of sorted) {
    const last = merged.findLastIndex((other) => keyOf(other) === keyOf(it));
    // A request and its answer take turns: those of the same pair join, as long as nothing else lies between.
    if (last >= 0 && merged.length - last <= PAIR) {
      const known = merged[last]!;
      merged[last] = { ...known, until: it.until ?? it.at, count: known.count + it.count };
    } else merged.push(it);
  }
  return merged.slice(-limit);
};
const PAIR = 4;
const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const keyOf = ({ source, observer, what, outcome, result, details }: TimelineEntry): string =>
  JSON.stringify([source, observer, "eventId" in what ? what.eventId : what.change, outcome, result, details]);
