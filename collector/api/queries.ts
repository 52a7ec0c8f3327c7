import type { NormalisedEvent } from "../../licensing/events/names.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Memory } from "../state/memory.ts";
import type { Eventually, Reader } from "../store/store.ts";
import { agentlessByZone } from "../summary/agentless-counts.ts";
import type { ClockDoubt } from "../summary/clock-doubt.ts";
import { type CollectorItem, collectorItem } from "../summary/collector-item.ts";
import type { ZoneSettings } from "../summary/computer-counts.ts";
import { type ComputerItem, computerItem } from "../summary/computer-item.ts";
import { type KmsHostDetail, kmsHostDetail } from "../summary/kms/kms-host-detail.ts";
import { type KmsHostItem, kmsHostItems } from "../summary/kms/kms-host-item.ts";
import { type KmsSettings, kmsHosts } from "../summary/kms/kms-hosts.ts";
import { type ProbeItem, probeItems, probeView } from "../summary/kms/probes.ts";
import { unknownProducts } from "../summary/kms/unknown-products.ts";
import { type Language, SENTENCES } from "../summary/locales/languages.ts";
import { adviceByZone, type RecommendationItem, recommendationItem } from "../summary/recommendations.ts";
import { type ComputerTimeline, computerTimeline } from "../summary/timeline/computer-timeline.ts";
import { type KmsHostTimeline, kmsHostTimeline } from "../summary/timeline/kms-host-timeline.ts";
import { type WorksheetAnswer, type WorksheetSettings, worksheetAnswer, worksheets } from "../summary/worksheet.ts";
import { type ComputersQuery, findComputers } from "./computers.ts";
import { type EventsQuery, findEvents } from "./events.ts";
import { type Page, wholeList } from "./lists.ts";

/** What the API can be asked: the parameters of each query and the JSON of its answer; undefined where there is no such thing. */
export interface ApiQueries {
  "kms-hosts": { query: InLanguage; answer: Page<KmsHostItem> };
  "kms-host": { query: InLanguage & { readonly host: string }; answer: KmsHostDetail | undefined };
  "kms-host-timeline": { query: InLanguage & { readonly host: string }; answer: KmsHostTimeline | undefined };
  computers: { query: ComputersQuery; answer: Page<ComputerItem> };
  computer: { query: { readonly host: string }; answer: ComputerItem | undefined };
  "computer-timeline": { query: InLanguage & { readonly host: string }; answer: ComputerTimeline | undefined };
  events: { query: EventsQuery; answer: Page<NormalisedEvent> };
  probes: { query: NoParameters; answer: Page<ProbeItem> };
  recommendations: { query: InLanguage; answer: Page<RecommendationItem> };
  worksheet: { query: InLanguage; answer: WorksheetAnswer };
  collector: { query: InLanguage; answer: CollectorItem };
}
type NoParameters = Readonly<Record<never, never>>;
/** Sentences are English where it is absent, as the JSON API's always are. */
type InLanguage = { readonly language?: Language | undefined };

/** The JSON that answers one query of the API. */
export type ApiAnswer<K extends keyof ApiQueries> = ApiQueries[K]["answer"];

export interface QueryContext {
  readonly memory: Memory;
  readonly reader: Reader;
  readonly settings: KmsSettings & ZoneSettings & WorksheetSettings;
  readonly now: Instant;
  /** Why the collector doubts its own clock. */
  readonly clockDoubt: ClockDoubt | undefined;
}

/** How each query is answered; each reads a bounded number of rows. */
export const API_ANSWERS: {
  readonly [K in keyof ApiQueries]: (query: ApiQueries[K]["query"], context: QueryContext) => Eventually<ApiAnswer<K>>;
} = {
  "kms-hosts": async ({ language }, context) => wholeList(await hostItems(context, { language })),
  "kms-host": async ({ host: name, language }, context) => {
    const { memory, reader, now } = context;
    const items = await hostItems(context, { only: name, language });
    const host = memory.hosts.get(name);
    if (items.length === 0 && !host) return undefined;
    return kmsHostDetail(name, host, items, { products: memory.products, reader, now });
  },
  "kms-host-timeline": ({ host, language = "en" }, context) => kmsHostTimeline(host, { ...context, language }),
  computers: (query, { reader }) => findComputers(reader, query),
  computer: async ({ host }, { reader }) => {
    const row = await reader.computer(host);
    return row && computerItem(row);
  },
  "computer-timeline": async ({ host, language = "en" }, context) => {
    const row = await context.reader.computer(host);
    return row && computerTimeline(row, { ...context, language });
  },
  events: (query, { reader }) => findEvents(reader, query),
  probes: (_, { memory, settings, now }) => wholeList(probeItems(probeView(memory, settings, now))),
  recommendations: async ({ language = "en" }, { memory, reader, settings, now }) => {
    const say = SENTENCES[language].planning;
    const advice = await adviceByZone(memory, reader, settings, now, say);
    return wholeList(advice.map((it) => recommendationItem(it, say)));
  },
  worksheet: async ({ language = "en" }, { memory, reader, settings, now }) => {
    const unmanaged = await agentlessByZone(memory, reader, now);
    return worksheetAnswer(worksheets(memory.sums, unmanaged, settings, now, SENTENCES[language].planning));
  },
  collector: ({ language }, { memory, clockDoubt, now }) =>
    collectorItem(memory, { clockDoubt, say: SENTENCES[language ?? "en"], now }),
};

const hostItems = async (
  { memory, reader, settings, now }: QueryContext,
  { only, language }: { readonly only?: string } & InLanguage,
): Promise<KmsHostItem[]> => {
  const items: KmsHostItem[] = [];
  const say = SENTENCES[language ?? "en"];
  for (const host of await kmsHosts(memory, reader, settings, now, { only, language }))
    items.push(...kmsHostItems(host, await unknownProducts(host, reader, memory.products), settings, { now, say }));
  return items;
};
