import type { NormalisedEvent } from "../../licensing/events/names.ts";
import { kmsHistory, type PoolDay } from "../../licensing/kms/history.ts";
import { clampTime } from "../../licensing/kms/rules.ts";
import type { Products } from "../../licensing/products.ts";
import { familyHead, OPENMETRICS_END, type Sample, seriesText } from "../../licensing/telemetry/exposition.ts";
import { kmsMetrics as M, type Metric } from "../../licensing/telemetry/metrics.ts";
import { type Instant, parseWindowsTime } from "../../licensing/time.ts";
import { requestOf } from "../state/kms/request.ts";
import type { KmsHostItem } from "../summary/kms/kms-host-item.ts";
import type { ApiClient } from "./api-client.ts";

/** A sample of the past. */
export interface PastSample extends Sample {
  readonly at: Instant;
}

export interface HistoryOptions {
  readonly products: Products;
  readonly now: Instant;
  /** Called with the number of requests read so far, in all. */
  readonly progress: (requests: number) => void;
  readonly signal: AbortSignal;
}

/** Zone of each KMS host that the collector knows. */
export const hostZones = async (api: ApiClient): Promise<Map<string, string>> => {
  const list = await api.get<{ readonly items: readonly KmsHostItem[] }>("/api/v1/kms-hosts");
  if (!list) throw new Error(`${api.url} lists no KMS hosts: is this a collector's http.listen?`);
  return new Map(list.items.map((it) => [it.kms_host, it.zone]));
};

/**
 * One sample for each day (UTC, midnight), KMS host and pool or class, from the stored requests (12290), which the API lists in
 * the order of time. One host's clients are in memory at a time.
 */
export const historyOf = async (
  api: ApiClient,
  zones: ReadonlyMap<string, string>,
  { products, now, progress, signal }: HistoryOptions,
): Promise<PastSample[]> => {
  const samples: PastSample[] = [];
  let requests = 0;
  for (const [host, zone] of zones) {
    let history: ReturnType<typeof kmsHistory> | undefined;
    const add = (days: readonly PoolDay[]) => samples.push(...days.flatMap((it) => samplesOf(host, zone, it)));
    const query = { computer: host, event: "kms_request_processed", since: new Date(0).toISOString() };
    for await (const event of api.all<NormalisedEvent>("/api/v1/events", query)) {
      signal.throwIfAborted();
      progress(++requests);
      const time = parseWindowsTime(event.time ?? "")?.ms;
      if (time === undefined) continue;
      const request = requestOf(event, clampTime(time, now), products);
      // Failed requests too show from when on the log is known.
      history ??= kmsHistory(time);
      if (request?.valid) add(history.add(request));
    }
    if (history) add(history.until(now));
  }
  return samples;
};

const samplesOf = (host: string, zone: string, day: PoolDay): PastSample[] => {
  const { at, application } = day;
  const sample = (metric: Metric, value: number | undefined, label: string): PastSample[] =>
    value === undefined ? [] : [{ metric, labels: [host, zone, label], value, at }];
  return [
    ...sample(M.tableClients, day.tableClients, application),
    ...sample(M.distinctClients, day.distinctClients, application),
    ...day.classes.flatMap(({ productClass, headroom, belowThresholdAt }) => [
      ...sample(M.headroom, headroom, productClass),
      ...sample(M.belowThreshold, belowThresholdAt === undefined ? undefined : belowThresholdAt / 1_000, productClass),
    ]),
  ];
};

/** OpenMetrics with timestamps: families one after the other, and the samples of a series together in the order of time. */
export function* openMetricsOf(samples: readonly PastSample[]): Generator<string> {
  const families = new Map<Metric, Map<string, PastSample[]>>();
  for (const it of samples) {
    const series = families.get(it.metric) ?? new Map<string, PastSample[]>();
    families.set(it.metric, series);
    const key = it.labels.join("\u001f");
    const known = series.get(key);
    if (known) known.push(it);
    else series.set(key, [it]);
  }
  for (const [metric, series] of families) {
    yield familyHead(metric, "openmetrics");
    for (const some of series.values()) for (const it of some) yield `${seriesText(it).trimEnd()} ${it.at / 1_000}\n`;
  }
  yield OPENMETRICS_END;
}
