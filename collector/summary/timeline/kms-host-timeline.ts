import { diagnoseKmsHost, hostDiagnosisText, type KmsHostFacts } from "../../../licensing/diagnosis/host-diagnosis.ts";
import {
  entriesOfHistory,
  entryOfEvent,
  HOST_TIMELINE_EVENTS,
  type TimelineEntry,
  timelineOf,
} from "../../../licensing/diagnosis/timeline-entry.ts";
import { worstState } from "../../../licensing/kms/health.ts";
import { HOUR, type Instant, isoOf, MINUTE } from "../../../licensing/time.ts";
import { computerOf } from "../../state/stored-computer.ts";
import type { EventRange } from "../../store/store.ts";
import { type HostSummary, kmsHosts } from "../kms/kms-hosts.ts";
import { ITEMS_MAX, type TimelineContext } from "./computer-timeline.ts";
import { eventsOf, newestEvents, type StoredEvent } from "./newest-events.ts";
import { probeEntries } from "./probe-entries.ts";
import { type DiagnosisItem, type TimelineItem, timelineItems } from "./timeline-item.ts";

/** What `GET /api/v1/kms-hosts/{host}/timeline` answers. */
export interface KmsHostTimeline {
  readonly kms_host: string;
  readonly diagnosis: DiagnosisItem;
  /** Its own events, its newest requests with their clients' side, probes and changes; the newest first. */
  readonly items: readonly TimelineItem[];
}

/** Its newest requests, and those whose clients' side is read. */
const REQUESTS_MAX = 40;
const CLIENTS_MAX = 10;

/** A KMS host's line of time, and what follows from it; undefined for a host that is not shown. Reads a bounded number of rows. */
export const kmsHostTimeline = async (name: string, context: TimelineContext): Promise<KmsHostTimeline | undefined> => {
  const { memory, reader, settings, now, language } = context;
  const [host] = await kmsHosts(memory, reader, settings, now, { only: name, language });
  if (!host) return undefined;
  const own = await newestEvents(reader, name, { numbers: HOST_TIMELINE_EVENTS, now, limit: ITEMS_MAX });
  const requests = await newestRequests(host, context);
  const exchanges = await clientsSide(requests, context);
  const row = await reader.computer(name);
  const entries: TimelineEntry[] = [
    ...[...own, ...requests].flatMap(({ event, at }) => entryOfEvent(event, at, "kms_host") ?? []),
    ...exchanges.flatMap(({ event, at }) => entryOfEvent(event, at, "computer") ?? []),
    ...(row ? entriesOfHistory(computerOf(row.state).history ?? [], name) : []),
    ...probeEntries(host.looks, name),
  ].sort((a, b) => a.at - b.at);
  const facts = factsOf(host, entries);
  const diagnosis = diagnoseKmsHost(facts);
  const { state, since, fault } = diagnosis;
  return {
    kms_host: name,
    diagnosis: { state, text: hostDiagnosisText(diagnosis, facts, language), since: isoOf(since), fault },
    items: timelineItems(timelineOf(entries, ITEMS_MAX), memory.products, language),
  };
};

const factsOf = (
  { applications, judgedAt, host, pools }: HostSummary,
  entries: readonly TimelineEntry[],
): KmsHostFacts => {
  const health = worstState(applications.map((it) => it.health.state));
  const reasons = applications
    .flatMap((it) => it.health.reasons)
    .filter((it) => it.state === health || it.state === "maintenance")
    .map((it) => it.sentence);
  const fallen = pools.flatMap((it) =>
    it.classes.filter((one) => (one.headroom ?? 0) < 0).flatMap((one) => one.belowThresholdAt ?? []),
  );
  const knownUntil = judgedAt ?? host.reading?.at;
  return {
    health,
    reasons: [...new Set(reasons)],
    entries,
    ...(fallen.length > 0 && { belowSince: Math.min(...fallen) }),
    ...(knownUntil !== undefined && { knownUntil }),
  };
};

/** The newest requests in its log: from the shortest time before the last one that has enough of them. */
const newestRequests = async ({ name, pools }: HostSummary, { reader }: TimelineContext): Promise<StoredEvent[]> => {
  const last = Math.max(0, ...pools.map((it) => it.pool.lastRequest ?? 0));
  if (last === 0) return [];
  let found: StoredEvent[] = [];
  for (const span of [MINUTE, 10 * MINUTE, HOUR, 24 * HOUR]) {
    const range: EventRange = { computer: name, eventId: 12290, from: last - span, until: last + 1 };
    const events = await eventsOf(reader, [range], REQUESTS_MAX);
    // A full range has its oldest only: what the shorter one found is newer.
    if (events.length === REQUESTS_MAX && found.length > 0) break;
    found = events;
    if (found.length === REQUESTS_MAX) break;
  }
  return found;
};

/** What the clients of its newest requests logged of them (12288, 12289). */
const clientsSide = async (requests: readonly StoredEvent[], { reader }: TimelineContext): Promise<StoredEvent[]> => {
  const newest = requests.toSorted((a, b) => b.at - a.at).slice(0, CLIENTS_MAX);
  const ranges = newest.flatMap(({ event, at }) =>
    event.client_fqdn === undefined
      ? []
      : [12288, 12289].map((eventId) => rangeAround(event.client_fqdn!, eventId, at)),
  );
  const found = await eventsOf(reader, ranges, 4);
  return [...new Map(found.map((it) => [JSON.stringify([it.at, it.event]), it])).values()];
};

const rangeAround = (client: string, eventId: number, at: Instant): EventRange => ({
  computer: client.toLowerCase(),
  eventId,
  from: at - MINUTE,
  until: at + 2 * MINUTE,
});
