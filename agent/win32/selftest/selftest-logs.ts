import type { LogQuery } from "../events/event-reader.ts";
import { queryReader } from "../events/query-reader.ts";
import { type Kernel32, openKernel32 } from "../kernel32.ts";
import { ownName } from "../own-computer.ts";
import { withoutDomains } from "../sddl.ts";
import { type EventLogApi, type Handle, NONE, openEventLogApi, SUBSCRIBE } from "../wevtapi.ts";
import { check, codeOf, type Found, millisecondsSince } from "./selftest-check.ts";

const BATCHES_MAX = 200;
const SIGNAL_WAIT_MS = 1_000;

/** Each log: what it holds, who may read it, a filtered scan to its end, what strict bookmarks and EvtNext answer. */
export const checkLogs = (logs: readonly LogQuery[]): void => {
  const kernel32 = openKernel32();
  const api = check("wevtapi.dll", () => openEventLogApi(kernel32));
  if (!api) return;
  for (const log of logs) {
    check(
      `log ${log.channel}`,
      () => api.infoOf(NONE, log.channel),
      (it) => ({ ...it }),
    );
    check(
      `access to ${log.channel}`,
      () => api.accessOf(NONE, log.channel),
      (sddl) => ({ sddl: withoutDomains(sddl) }),
    );
    check(
      `settings of ${log.channel}`,
      () => api.settingsOf(NONE, log.channel),
      ({ keepsOld, maxBytes, ...rest }) => ({ ...rest, keeps_old: keepsOld, max_bytes: maxBytes }),
    );
    check(
      `time-outs of ${log.channel}`,
      () => codesByTimeout({ session: NONE, channel: log.channel, query: log.firstQuery }),
      (it) => it,
    );
    const bookmark = checkScan(api, log);
    if (bookmark !== undefined) {
      const reader = queryReader(api, { session: NONE, log }, Date.now);
      check(
        `resume ${log.channel}`,
        () => reader.read({ bookmark }),
        ({ events, gap }) => ({ events: events.length, ...(gap && { gap: gap.reason }) }),
      );
      reader.close();
      check(
        `strict bookmarks of ${log.channel}`,
        () => strictCodes(api, log, bookmark),
        (it) => it,
      );
    }
    check(
      `subscription to ${log.channel}`,
      () => protocol(api, kernel32, log),
      (it) => it,
    );
  }
};

const TIMEOUTS_MS = [0, 1_000, 10_000];

/** What the first EvtNext of a query answers within a time (0: events, 259: none, 1460: the time ran out), and how long it took. */
export const codesByTimeout = ({
  session,
  channel,
  query,
}: {
  readonly session: Handle;
  readonly channel: string;
  readonly query: string;
}): Found => {
  const found: Record<string, number> = {};
  for (const timeoutMs of TIMEOUTS_MS) {
    const api = openEventLogApi(undefined, { timeoutMs });
    const set = api.query(session, channel, query);
    const begun = performance.now();
    const got = api.next(set, 64);
    found[`took_${timeoutMs}_ms`] = millisecondsSince(begun);
    found[`within_${timeoutMs}_ms`] = "error" in got ? got.error : 0;
    if ("events" in got) for (const it of got.events) api.close(it);
    api.close(set);
  }
  return found;
};

/** A scan by the filter from the oldest record of `max_age` on. @returns the bookmark of the last event. */
const checkScan = (api: EventLogApi, log: LogQuery): string | undefined => {
  const reader = queryReader(api, { session: NONE, log }, Date.now);
  const names = new Set<string>();
  let [events, bytes, timeouts, slowest] = [0, 0, 0, 0];
  let bookmark: string | undefined;
  let newest = "";
  const scanned = check(
    `read ${log.channel}`,
    () => {
      for (let i = 0; i < BATCHES_MAX; i++) {
        const begun = performance.now();
        const batch = reader.read(bookmark === undefined ? {} : { bookmark });
        slowest = Math.max(slowest, millisecondsSince(begun));
        bookmark = batch.bookmark;
        events += batch.events.length;
        for (const xml of batch.events) {
          bytes += xml.length;
          newest = /<Computer>([^<]*)</.exec(xml)?.[1]?.toLowerCase() ?? "";
          names.add(newest);
        }
        if (batch.drainedAt !== undefined) return true;
        if (batch.events.length === 0) timeouts += 1;
      }
      return false;
    },
    (drained) => ({
      events,
      bytes,
      bookmark: bookmark !== undefined,
      drained,
      timeouts,
      slowest_batch_ms: slowest,
      computer_names: names.size,
      newest_is_own_name: newest === "" ? null : newest === ownName(),
    }),
  );
  reader.close();
  return scanned === undefined ? undefined : bookmark;
};

/** What a strict seek answers to a place that is there, one before the log and one behind it. */
const strictCodes = (api: EventLogApi, log: LogQuery, bookmark: string): Found => {
  const { oldest, newest } = api.infoOf(NONE, log.channel);
  const at = (record: number | undefined): number => {
    const xml = record === undefined ? bookmark : bookmark.replace(/RecordId=(['"])\d+\1/, `RecordId='${record}'`);
    const mark = api.openBookmark(xml);
    const set = api.query(NONE, log.channel, log.query);
    try {
      return codeOf(() => api.seekBookmark(set, mark, { offset: 0, strict: true }));
    } finally {
      api.close(set);
      api.close(mark);
    }
  };
  return { last_read: at(undefined), before_oldest: at(Math.max(0, oldest - 1)), behind_newest: at(newest + 1_000) };
};

/** How a pull subscription behaves: its signal, and what EvtNext answers at the end and without a signal (0: events). */
const protocol = (api: EventLogApi, kernel32: Kernel32, log: LogQuery): Found => {
  const signal = kernel32.CreateEventW(null, 1, 0, null) as Handle;
  const flags = SUBSCRIBE.startAtOldest;
  const subscribing = performance.now();
  const set = api.subscribe({
    session: NONE,
    signal,
    channel: log.channel,
    query: log.firstQuery,
    bookmark: NONE,
    flags,
  });
  const subscribed = millisecondsSince(subscribing);
  const next = (): number => {
    const found = api.next(set, 64);
    if ("error" in found) return found.error;
    for (const it of found.events) api.close(it);
    return 0;
  };
  try {
    const isSet = (ms: number) => kernel32.WaitForSingleObject(signal, ms) === 0;
    const [atOnce, withinSecond] = [isSet(0), isSet(SIGNAL_WAIT_MS)];
    kernel32.ResetEvent(signal);
    const begun = performance.now();
    const first = next();
    const firstMs = millisecondsSince(begun);
    let end = first;
    for (let i = 0; end === 0 && i < BATCHES_MAX; i++) end = next();
    return {
      subscribe_ms: subscribed,
      signal_at_once: atOnce,
      signal_within_second: withinSecond,
      first: first,
      first_ms: firstMs,
      at_end: end,
      without_signal: next(),
    };
  } finally {
    api.close(set);
    kernel32.CloseHandle(signal);
  }
};
