import type { Fault } from "../../../licensing/codes/code-row.ts";
import type { Language } from "../../../licensing/codes/explain.ts";
import type { Diagnosis } from "../../../licensing/diagnosis/diagnosis.ts";
import { meaningOf } from "../../../licensing/diagnosis/diagnosis-text.ts";
import type { EntrySource, TimelineEntry } from "../../../licensing/diagnosis/timeline-entry.ts";
import type { EventName } from "../../../licensing/events/names.ts";
import type { Status } from "../../../licensing/license.ts";
import type { Products } from "../../../licensing/products.ts";
import { iso, isoOf } from "../../../licensing/time.ts";

/** One line of time, as the API gives it. Times are ISO 8601. */
export interface TimelineItem {
  readonly at: string;
  readonly until?: string | undefined;
  readonly count: number;
  readonly source: EntrySource;
  readonly observer: string;
  readonly event?: EventName | undefined;
  readonly event_id?: number | undefined;
  readonly change?: "status" | "channel" | "probe" | undefined;
  readonly outcome: TimelineEntry["outcome"];
  readonly hresult?: string | undefined;
  readonly meaning: string;
  readonly peer?: string | undefined;
  readonly product?: string | undefined;
  readonly kms_count?: number | undefined;
  readonly required_count?: number | undefined;
  readonly status?: Status | undefined;
  readonly deadline?: string | undefined;
  readonly details?: string | undefined;
}

/** What is wrong, since when, whose fault it is and what to do. */
export interface DiagnosisItem {
  readonly state: Diagnosis["state"];
  readonly text: string;
  readonly since?: string | undefined;
  readonly fault?: Fault | undefined;
  readonly hresult?: string | undefined;
  readonly link?: string | undefined;
}

/** The newest first. */
export const timelineItems = (
  entries: readonly TimelineEntry[],
  products: Products,
  language: Language,
): TimelineItem[] => entries.toReversed().map((it) => timelineItem(it, products, language));

const timelineItem = (it: TimelineEntry, products: Products, language: Language): TimelineItem => {
  const { at, until, count, source, observer, what, outcome, result, details } = it;
  const { peer, activationId, kmsCount, required, status, deadline, text } = details;
  return {
    at: iso(at),
    until: isoOf(until),
    count,
    source,
    observer,
    ...("eventId" in what ? { event: what.event, event_id: what.eventId } : { change: what.change }),
    outcome,
    hresult: result,
    meaning: meaningOf(it, language),
    peer,
    product: activationId === undefined ? undefined : products.label(activationId),
    kms_count: kmsCount,
    required_count: required,
    status,
    deadline: isoOf(deadline),
    details: text,
  };
};
