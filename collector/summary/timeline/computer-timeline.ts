import type { Language } from "../../../licensing/codes/explain.ts";
import { type ComputerFacts, diagnose } from "../../../licensing/diagnosis/diagnosis.ts";
import { diagnosisText } from "../../../licensing/diagnosis/diagnosis-text.ts";
import {
  entriesOfHistory,
  entryOfEvent,
  TIMELINE_EVENTS,
  type TimelineEntry,
  timelineOf,
} from "../../../licensing/diagnosis/timeline-entry.ts";
import { worstState } from "../../../licensing/kms/health.ts";
import { primaryLicenses } from "../../../licensing/primary-license.ts";
import { type Instant, isoOf, MINUTE } from "../../../licensing/time.ts";
import type { ComputerState } from "../../state/computer.ts";
import type { Memory } from "../../state/memory.ts";
import { computerOf } from "../../state/stored-computer.ts";
import type { ComputerRow, EventRange, KmsClientRow, Reader } from "../../store/store.ts";
import { CLIENTS_OF_NAME_MAX } from "../agentless.ts";
import type { ZoneSettings } from "../computer-counts.ts";
import { type KmsSettings, kmsHosts } from "../kms/kms-hosts.ts";
import { type ProbeView, probeView } from "../kms/probes.ts";
import { eventsOf, newestEvents, type StoredEvent } from "./newest-events.ts";
import { probeEntries } from "./probe-entries.ts";
import { type DiagnosisItem, type TimelineItem, timelineItems } from "./timeline-item.ts";

/** What `GET /api/v1/computers/{host}/timeline` answers. */
export interface ComputerTimeline {
  readonly computer: string;
  readonly diagnosis: DiagnosisItem;
  /** From both sides, the newest first. */
  readonly items: readonly TimelineItem[];
}

export interface TimelineContext {
  readonly memory: Memory;
  readonly reader: Reader;
  readonly settings: KmsSettings & ZoneSettings;
  readonly now: Instant;
  readonly language: Language;
}

/** Lines of one answer, and events that are read for them. */
export const ITEMS_MAX = 150;
/** Exchanges of the client that are looked for in its KMS host's log. */
const EXCHANGES_MAX = 8;
/** Requests of all clients that a busy KMS host handles within the minutes around one exchange, and are looked through. */
const REQUESTS_LOOKED_AT = 300;

/** A computer's line of time from both sides, and what follows from it. It reads a bounded number of rows. */
export const computerTimeline = async (row: ComputerRow, context: TimelineContext): Promise<ComputerTimeline> => {
  const { memory, reader, settings, now, language } = context;
  const state = computerOf(row.state);
  const probes = probeView(memory, settings, now);
  const own = await newestEvents(reader, row.key, { numbers: TIMELINE_EVENTS, now, limit: ITEMS_MAX });
  const handled = await requestsHandled(reader, { name: row.key, state, own, probes });
  const host = await hostFacts(state, probes, context);
  const entries: TimelineEntry[] = [
    ...own.flatMap(({ event, at }) => entryOfEvent(event, at, "computer") ?? []),
    ...handled.flatMap(({ event, at }) => entryOfEvent(event, at, "kms_host") ?? []),
    ...entriesOfHistory(state.history ?? [], row.key),
    ...(host ? probeEntries(probes.looks, host.name) : []),
  ].sort((a, b) => a.at - b.at);
  const facts: ComputerFacts = {
    now,
    license: worstLicense(state),
    renewedAt: state.renewedAt,
    overdueAt: row.overdueAt ?? undefined,
    entries,
    host,
  };
  const diagnosis = diagnose(facts);
  const { text, link } = diagnosisText(diagnosis, facts, language);
  const { since, fault, code } = diagnosis;
  return {
    computer: row.key,
    diagnosis: { state: diagnosis.state, text, since: isoOf(since), fault, hresult: code, link },
    items: timelineItems(timelineOf(entries, ITEMS_MAX), memory.products, language),
  };
};

/** Of the licenses that speak for the computer the first that is not licensed, else the one that ends first. */
const worstLicense = ({ licenses }: ComputerState): ComputerFacts["license"] => {
  const all = primaryLicenses(licenses);
  const ends = (it: (typeof all)[number]) => it.deadline ?? Number.MAX_VALUE;
  const worst = all.find((it) => it.status !== "licensed") ?? all.toSorted((a, b) => ends(a) - ends(b))[0];
  if (!worst) return undefined;
  const { product, name, status, channel, deadline } = worst;
  return { product: product === "other" ? name : product, status, channel, deadline };
};

/** The KMS host that it asked last: by the name that probes and requests have shown to be its. */
const hostFacts = async (
  { target, licenses }: ComputerState,
  probes: ProbeView,
  { memory, reader, settings, now, language }: TimelineContext,
): Promise<ComputerFacts["host"]> => {
  const asked = target?.name ?? licenses.find((it) => it.kmsHost !== undefined)?.kmsHost;
  const name = asked && probes.names.of(asked);
  if (!name) return undefined;
  const [host] = await kmsHosts(memory, reader, settings, now, { only: name, language });
  if (!host) return undefined;
  const families = new Set<string>(licenses.map((it) => it.application));
  const own = host.applications.filter((it) => families.has(it.application));
  const judged = own.length > 0 ? own : host.applications;
  const health = worstState(judged.map((it) => it.health.state));
  const reason = judged.find((it) => it.health.state === health)?.health.reasons[0]?.sentence;
  const lastRequest = Math.max(0, ...host.pools.map((it) => it.pool.lastRequest ?? 0)) || undefined;
  return { name, health, reason, lastRequest };
};

/** Requests of this computer in its KMS hosts' logs: around its own exchanges, and the last one at each host. */
const requestsHandled = async (
  reader: Reader,
  {
    name,
    state,
    own,
    probes,
  }: {
    readonly name: string;
    readonly state: ComputerState;
    readonly own: readonly StoredEvent[];
    readonly probes: ProbeView;
  },
): Promise<StoredEvent[]> => {
  const sent = own.filter((it) => it.event.event_id === 12288).toSorted((a, b) => b.at - a.at);
  const ids = new Set<string>(Object.keys(state.machineIds ?? {}));
  for (const { event } of sent) if (event.client_machine_id) ids.add(event.client_machine_id);
  const rows: readonly KmsClientRow[] = [
    ...(await reader.kmsClientsOfIds([...ids].slice(0, 4), CLIENTS_OF_NAME_MAX)),
    ...(await reader.kmsClientsOfComputers([name], CLIENTS_OF_NAME_MAX)),
  ];
  for (const it of rows) if (it.computer === name) ids.add(it.key);
  const last = rows.toSorted((a, b) => b.lastAt - a.lastAt).slice(0, EXCHANGES_MAX);
  const around: EventRange[] = sent.slice(0, EXCHANGES_MAX).flatMap(({ event, at }) => {
    const computer = event.kms_host && probes.names.of(event.kms_host.toLowerCase());
    return computer ? [{ computer, eventId: 12290, from: at - MINUTE, until: at + 2 * MINUTE }] : [];
  });
  const exact = last.map(
    ({ kmsHost, lastAt }): EventRange => ({ computer: kmsHost, eventId: 12290, from: lastAt, until: lastAt + 1 }),
  );
  const found = await eventsOf(reader, [...around, ...exact], REQUESTS_LOOKED_AT);
  const isOwn = ({ event }: StoredEvent) =>
    event.client_machine_id !== undefined &&
    ids.has(event.client_machine_id) &&
    (event.client_fqdn === undefined || isSameName(event.client_fqdn.toLowerCase(), name));
  const all = found.filter(isOwn).map((it) => [JSON.stringify([it.at, it.event]), it] as const);
  return [...new Map(all).values()];
};

/** A client may give its short name. */
const isSameName = (a: string, b: string): boolean => a === b || a.split(".")[0] === b.split(".")[0];
