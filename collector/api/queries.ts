import { type EventName, eventNameOf, KNOWN_EVENT_IDS } from "../../licensing/events/names.ts";
import { normalise } from "../../licensing/events/normalise.ts";
import { knownUntil } from "../../licensing/kms/coverage.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import { type Instant, iso } from "../../licensing/time.ts";
import { seriesPiece } from "../metrics/computers.ts";
import type { FleetSettings } from "../metrics/fleet.ts";
import { distinctClients, type KmsSettings, kmsHostViews } from "../metrics/kms.ts";
import type { ComputerState } from "../state/computer.ts";
import type { KmsClientState } from "../state/kms-client.ts";
import { toldCount } from "../state/kms-host.ts";
import { askedByHost, askedProducts, keyViews } from "../state/kms-keys.ts";
import type { Memory } from "../state/memory.ts";
import { freshUntil } from "../state/probes.ts";
import { firstIdAt } from "../store/event-id.ts";
import type { ComputerRow, EventQuery, Reader } from "../store/store.ts";
import { factOf } from "../store/stored-event.ts";
import { findingsOf, keyFindings, NOTHING_KNOWN } from "../summary/findings.ts";
import type { HostView, PoolView } from "../summary/kms-host.ts";
import { keysAndClocks } from "../summary/kms-host-detail.ts";
import { probeFindings, probeView } from "../summary/probes.ts";
import { adviceByZone, recommendationItem } from "../summary/recommendations.ts";
import { type WorksheetSettings, worksheetAnswer, worksheets } from "../summary/worksheet.ts";

/** What the API can ask; every question reads a bounded number of rows. */
export type Question =
  | { readonly ask: "kms-hosts" }
  | { readonly ask: "kms-host"; readonly host: string }
  | {
      readonly ask: "computers";
      readonly zone?: string;
      readonly status?: string;
      readonly channel?: string;
      readonly deadlineBefore?: Instant;
      readonly q?: string;
      readonly limit: number;
      readonly cursor?: string;
    }
  | { readonly ask: "computer-series"; readonly family: string; readonly after: string }
  | { readonly ask: "probes" }
  | { readonly ask: "recommendations" }
  | { readonly ask: "worksheet" }
  | { readonly ask: "computer"; readonly host: string }
  | {
      readonly ask: "events";
      readonly computer?: string;
      readonly event?: EventName;
      readonly since: Instant;
      readonly limit: number;
      readonly cursor?: string;
    };

/** The JSON to answer with; undefined when there is no such thing. */
export type Answer = object | undefined;

interface Context {
  readonly memory: Memory;
  readonly reader: Reader;
  readonly settings: KmsSettings & FleetSettings & WorksheetSettings;
  readonly now: Instant;
}

export const ask = async (question: Question, context: Context): Promise<Answer> => {
  switch (question.ask) {
    case "kms-hosts":
      return { items: await kmsHosts(context, () => true), next_cursor: null };
    case "kms-host":
      return kmsHost(context, question.host);
    case "computer-series":
      return seriesPiece(context.reader, question.family, question.after);
    case "probes":
      return { items: probes(context), next_cursor: null };
    case "worksheet":
      return worksheetAnswer(worksheets(context.memory.sums, context.settings, context.now));
    case "recommendations":
      return { items: (await recommendations(context)).map(recommendationItem), next_cursor: null };
    case "computers":
      return computers(context, question);
    case "computer": {
      const row = await context.reader.computer(question.host);
      return row && computerItem(row);
    }
    case "events":
      return events(context, question);
  }
};

const time = (at: Instant | undefined): string | undefined => (at === undefined ? undefined : iso(at));

const kmsHosts = async (context: Context, wanted: (name: string) => boolean): Promise<object[]> => {
  const { memory, reader, settings, now } = context;
  const hours = memory.sums.byHour("distinct");
  const probes = probeView(memory, settings, now);
  const askedAt = askedByHost(memory.sums);
  const items: object[] = [];
  for (const view of kmsHostViews(memory, settings, now).filter((it) => wanted(it.name))) {
    if (view.pools.length === 0)
      items.push(unheardItem(view.name, memory.zoneOf(view.name, view.host.zone), probeFindings(probes, view.name)));
    const keys = keyViews(view.host, memory.products);
    const until = view.judgedAt ?? now;
    const asked = askedProducts(askedAt.get(view.name) ?? [], view.host, keys, { products: memory.products, until });
    for (const pool of view.pools) {
      const { judgedAt, name } = view;
      const distinct =
        judgedAt === undefined || pool.pool.lastRequest === undefined
          ? undefined
          : await distinctClients(hours, reader, { kmsHost: name, pool: pool.application, judgedAt });
      const item = kmsHostItem(view, pool, memory.zoneOf(name, view.host.zone), distinct);
      const findings = [
        ...findingsOf(view, pool, now),
        ...keyFindings(pool.application, keys, asked, settings),
        ...probeFindings(probes, name),
      ];
      items.push({ ...item, findings });
    }
  }
  return items;
};

/** A KMS host that there should be, or that told nothing about its counts yet. */
const unheardItem = (name: string, zone: string, findings: readonly string[]): object => ({
  kms_host: name,
  zone,
  application: "windows",
  complete: false,
  known_until: {},
  duplicate_machine_ids: [],
  thresholds: {},
  findings: [NOTHING_KNOWN, ...findings],
});

const kmsHostItem = (view: HostView, it: PoolView, zone: string, distinct: number | undefined): object => {
  const { pool } = it;
  const counted = view.judgedAt !== undefined && pool.lastRequest !== undefined;
  return {
    kms_host: view.name,
    zone,
    application: it.application,
    reported_clients: pool.reported?.count,
    told_clients: toldCount(view.host, it.application)?.count,
    distinct_clients: distinct,
    table_clients: counted ? it.tableClients : undefined,
    cache_size: counted ? it.capacity : undefined,
    effective_clients: it.effective?.count,
    complete: it.complete,
    known_until: {
      reported: time(pool.reported?.at),
      clients: time(toldCount(view.host, it.application)?.at),
      ledger: time(knownUntil(view.host.coverage)),
    },
    last_request: time(pool.lastRequest),
    duplicate_machine_ids: view.duplicates.map(({ cmid, computers: names }) => ({
      client_machine_id: cmid,
      computers: names,
    })),
    thresholds: Object.fromEntries(
      it.classes.map(({ productClass, required, headroom, reached, belowThresholdAt }) => [
        productClass,
        { required, headroom, reached, below_threshold_at: time(belowThresholdAt) },
      ]),
    ),
  };
};

/** The newest results, to look at when a figure says that something does not answer. */
const probes = ({ memory, settings, now }: Context): object[] =>
  probeView(memory, settings, now).looks.map(({ prober, proberZone, result, kmsHost: host }) => ({
    prober,
    zone: proberZone,
    probe: result.probe,
    target: result.target,
    kms_host: host,
    outcome: result.outcome,
    latency_ms: result.latencyMs,
    at: iso(result.at),
    since: iso(result.since),
    fresh_until: iso(freshUntil(result)),
    records: result.records,
  }));

const recommendations = ({ memory, reader, settings, now }: Context) => adviceByZone(memory, reader, settings, now);

const TABLE_MAX = 200;

const kmsHost = async (context: Context, name: string): Promise<Answer> => {
  const items = await kmsHosts(context, (it) => it === name);
  const host = context.memory.hosts.get(name);
  if (items.length === 0 && !host) return undefined;
  const table: object[] = [];
  for (const pool of Object.keys(host?.pools ?? {}))
    for (const row of await context.reader.kmsClients({ kmsHost: name, pool, limit: TABLE_MAX })) {
      const state = JSON.parse(row.state) as KmsClientState;
      table.push({
        application: pool,
        client_machine_id: row.key,
        client_fqdn: state.runs.at(-1)?.[0],
        last_request: iso(row.lastAt),
        leaves_at: iso(row.lastAt + CLIENT_LIFETIME),
        in_table:
          host?.pools[pool as keyof typeof host.pools]?.simulation.ledger.entries.some(([cmid]) => cmid === row.key) ??
          false,
      });
    }
  const waiting = Object.values(host?.pools ?? {})
    .flatMap((it) => Object.values(it.simulation.waiting))
    .map((it) => ({
      client_machine_id: it.cmid,
      client_fqdn: it.name,
      product_class: it.productClass,
      last_request: iso(it.at),
    }));
  return {
    kms_host: name,
    items,
    table,
    waiting,
    ...(host && keysAndClocks(host, context.memory.products, context.now)),
    aliases: Object.keys(host?.aliases ?? {}).sort(),
  };
};

const computerItem = (row: ComputerRow): object => {
  const state = JSON.parse(row.state) as ComputerState;
  return {
    computer: row.key,
    zone: row.zone,
    os: state.os,
    last_seen: iso(row.seenAt),
    agent_version: state.agentVersion,
    deadline: time(row.deadline ?? undefined),
    renewed_at: time(state.renewedAt),
    renewal_overdue_at: time(row.overdueAt ?? undefined),
    rearms_left: state.rearmsLeft,
    asked_kms_host: state.target && { name: state.target.name, at: iso(state.target.at) },
    licenses: state.licenses.map((it) => ({
      name: it.name,
      application: it.application,
      product: it.product,
      activation_id: it.activationId,
      channel: it.channel,
      status: it.status,
      reason: it.reason,
      deadline: time(it.deadline),
      deadline_kind: it.deadlineKind,
      partial_product_key: it.partialProductKey,
      addon: it.addon || undefined,
      kms_host: it.kmsHost,
    })),
  };
};

const PAGE = 250;
/** One answer holds so much of stored states at most; the cursor goes on from there. */
const STATES_BYTES_MAX = 8 * 1024 * 1024;
/** One request looks at so many rows at most; the cursor goes on from there. */
const ROWS_MAX = 20_000;

const computers = async (
  { reader }: Context,
  query: Extract<Question, { ask: "computers" }>,
): Promise<{ items: object[]; next_cursor: string | null }> => {
  const items: object[] = [];
  let after = query.cursor ?? "";
  let bytes = 0;
  for (let looked = 0; looked < ROWS_MAX; looked += PAGE) {
    const rows = await reader.computers({ after, limit: PAGE });
    for (const row of rows) {
      after = row.key;
      if (!matches(row, query)) continue;
      items.push(computerItem(row));
      bytes += row.state.length;
      if (items.length === query.limit || bytes > STATES_BYTES_MAX) return { items, next_cursor: after };
    }
    if (rows.length < PAGE) return { items, next_cursor: null };
  }
  return { items, next_cursor: after };
};

const matches = (
  row: ComputerRow,
  { zone, status, channel, deadlineBefore, q }: Extract<Question, { ask: "computers" }>,
): boolean => {
  if (zone !== undefined && row.zone !== zone) return false;
  if (deadlineBefore !== undefined && (row.deadline === null || row.deadline >= deadlineBefore)) return false;
  if (q !== undefined && !row.key.includes(q.toLowerCase())) return false;
  if (status === undefined && channel === undefined) return true;
  return (JSON.parse(row.state) as ComputerState).licenses.some(
    (it) => (status === undefined || it.status === status) && (channel === undefined || it.channel === channel),
  );
};

const events = async (
  { reader }: Context,
  { computer, event, since, limit, cursor }: Extract<Question, { ask: "events" }>,
): Promise<{ items: object[]; next_cursor: string | null }> => {
  const rows = await reader.events({
    from: firstIdAt(since),
    limit,
    ...(computer !== undefined && { computer }),
    ...(event !== undefined && { eventIds: eventIdsOf(event) }),
    ...(cursor !== undefined && { after: Buffer.from(cursor, "hex") }),
  });
  return {
    items: rows.map((it) => normalise(factOf(it))),
    next_cursor: rows.length === limit ? Buffer.from(rows.at(-1)!.id).toString("hex") : null,
  };
};

const eventIdsOf = (event: EventName): NonNullable<EventQuery["eventIds"]> =>
  event === "other"
    ? { without: KNOWN_EVENT_IDS }
    : { only: KNOWN_EVENT_IDS.filter((it) => eventNameOf(it) === event) };
