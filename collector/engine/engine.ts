import { createHash } from "node:crypto";
import { expose, type Format } from "../../licensing/telemetry/exposition.ts";
import { type Clock, MINUTE } from "../../licensing/time.ts";
import type { CollectorConfig } from "../config.ts";
import { Counters } from "../ingest/counters.ts";
import { type IngestRules, ingest, type Submission, type Taken } from "../ingest/ingest.ts";
import { recordSharedIds } from "../ingest/shared-ids.ts";
import { UnitOfWork } from "../ingest/unit-of-work.ts";
import { collectorSamples, samplesOf } from "../metrics/metrics.ts";
import { COUNTED_AS } from "../state/contributions.ts";
import { isRecounting, refresh } from "../state/memory.ts";
import type { RecountPosition } from "../state/recount-position.ts";
import {
  type Reader,
  type Store,
  StoreConflict,
  StoreDamaged,
  StoreUnavailable,
  StoreUnreachable,
  type Transaction,
} from "../store/store.ts";
import { allComputers } from "../summary/all-computers.ts";
import { clockDoubtText } from "../summary/clock-doubt.ts";
import type { CountRecords } from "../summary/pipeline.ts";
import { clockGuard, TRUSTED_CLOCK } from "./clock-guard.ts";
import { forwarders, metricSettings, newMemory } from "./engine-settings.ts";
import { pieceSize } from "./piece-size.ts";
import { type Answer, answerTo, type Queries, type Query } from "./queries.ts";
import { newQueue } from "./queue.ts";
import { beginRecount, recountPiece, replayAll } from "./recount.ts";
import { type RetirementRange, retirementRanges, retirePiece } from "./retire.ts";
import { sweepPiece } from "./sweep.ts";

/** The part of a collector that owns the store: everything that is counted goes through it, one transaction at a time. */
export interface Engine {
  /** Takes many requests in one transaction; resolves once all of it is on disk. */
  ingest(submissions: readonly Submission[]): Promise<Taken[]>;
  /** The figures as exposition text. */
  metrics(format: Format): Promise<string>;
  answer<K extends keyof Queries>(query: Query<K>): Promise<Answer<K>>;
  /** Reads nothing but whether the store can be read. @throws StoreUnavailable when it cannot. */
  tryRead(): Promise<void>;
  /** Goes on with counting that one transaction could not finish, for a piece of it. @returns whether more is left. */
  continueWork(): Promise<boolean>;
  /** Removes what is older than the retention, in pieces between which requests have their turn. */
  sweep(): Promise<void>;
  /** Looks for damage of the store in the background, once. */
  check(onDamage: () => void): void;
  /** Why its figures are not to be relied on; undefined while they are. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

const OTHER_SETTINGS =
  "another collector with other zones or products has changed the store; give all of them the same settings";

const WENT_BACK =
  "the database is older than it was a moment ago: another one was put in its place; restart the collector";
const COUNTING = "the collector counts everything anew after a change of settings; ask again in a few minutes";

/** The store is told the time so often. */
const SURE_EVERY = 10 * MINUTE;

/** The same work is tried again so often when another collector came between. */
const CONFLICTS_MAX = 20;

/** A start waits for so many pieces of a recount, unless they take long; the rest goes on while requests are taken. */
const PIECES_AT_START = 20;

export interface EngineParts {
  readonly clock: Clock;
  readonly version: string;
  readonly piecesAtStart?: number;
  /** Milliseconds after which a start does not wait for more of a recount. */
  readonly startsWithin?: number;
  /** Milliseconds that only go on: the clock is held against it, and against agents'. Without it the clock is never doubted. */
  readonly monotonic?: () => number;
}

/**
 * Reads what the store has and goes on from there. The sums are counted anew when the settings by which they were counted
 * have changed: a computer may be in another zone now, a product have another name.
 */
export const openEngine = async (
  store: Store,
  config: CollectorConfig,
  { clock, version, piecesAtStart = PIECES_AT_START, startsWithin = Number.POSITIVE_INFINITY, monotonic }: EngineParts,
): Promise<Engine> => {
  const queue = newQueue();
  const counters = new Counters();
  const settingsHash = createHash("sha256")
    .update(JSON.stringify([COUNTED_AS, config.zones, config.kms.products, config.retire]))
    .digest("hex");
  const memory = newMemory(config, settingsHash);
  const begun = await store.transact(async (tx) => {
    refresh(memory, await tx.changedSince(0));
    if (memory.settings === settingsHash || isRecounting(memory)) return false;
    if (memory.settings !== undefined) await replayAll(tx, memory);
    memory.recount = await beginRecount(tx, memory);
    memory.revision = await tx.revision();
    return true;
  });

  const guard = monotonic ? clockGuard({ wall: clock, monotonic }, memory.sureOf) : TRUSTED_CLOCK;
  const rules: IngestRules = {
    isForwarder: forwarders(config),
    eventRetention: config.retention.events,
    clock: guard,
  };
  const settings = metricSettings(config, memory, version);

  const pieces = pieceSize();

  /** When computers were retired for the last time; the first time looks at all of them. */
  let retiredAt = 0;

  /** Why nothing of the store can be relied on until a restart. */
  let damage: StoreDamaged | undefined;
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    if (damage) throw damage;
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof StoreDamaged) damage = cause;
      throw cause;
    }
  };

  /** Takes over what other collectors have written. */
  const bringUpToDate = async (view: Reader): Promise<void> => {
    const revision = await view.revision();
    if (revision < memory.revision) throw new StoreDamaged(WENT_BACK);
    if (revision !== memory.revision) refresh(memory, await view.changedSince(memory.revision));
  };

  /** One transaction on what is current; memory changes only after its commit. */
  const transact = async <T>(work: (tx: Transaction, unit: UnitOfWork) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      let unit: UnitOfWork | undefined;
      const before = memory.revision;
      let revision = before;
      try {
        const result = await watched(() =>
          store.transact(async (tx) => {
            await bringUpToDate(tx);
            if (memory.settings !== settingsHash && !isRecounting(memory)) throw new StoreUnavailable(OTHER_SETTINGS);
            unit = new UnitOfWork(memory);
            const done = await work(tx, unit);
            // A later start must see when this clock goes back.
            const now = clock();
            if (now > (memory.sureOf ?? 0) + SURE_EVERY || now < (memory.sureOf ?? 0) - SURE_EVERY)
              if (!guard.suspicion()) await unit.putSureOf(tx, now);
            revision = await tx.revision();
            return done;
          }),
        );
        unit?.commit(counters);
        memory.revision = revision;
        return result;
      } catch (cause) {
        // What another collector wrote and this transaction read may not have lasted: the next one reads everything.
        if (memory.revision !== before || cause instanceof StoreConflict) memory.revision = 0;
        if (cause instanceof StoreConflict && attempt < CONFLICTS_MAX) continue;
        counters.storeErrors += 1;
        throw cause;
      }
    }
  };
  /** Reads that see one state of the store, with memory as it was then. */
  const read = <T>(work: (view: Parameters<Parameters<Store["snapshot"]>[0]>[0]) => Promise<T>): Promise<T> =>
    queue(async () => {
      for (let attempt = 1; ; attempt += 1)
        try {
          return await watched(() =>
            store.snapshot(async (view) => {
              await bringUpToDate(view);
              return work(view);
            }),
          );
        } catch (cause) {
          if (!(cause instanceof StoreConflict) || attempt === CONFLICTS_MAX) throw cause;
          memory.revision = 0;
        }
    });

  /** One piece of a recount. */
  const goOnRecounting = async (position: RecountPosition): Promise<void> => {
    const { share } = pieces;
    const next = await pieces.timed(() =>
      transact((tx, unit) => recountPiece(tx, unit, { position, now: clock(), share })),
    );
    if (next) memory.recount = next;
    else {
      delete memory.recount;
      memory.settings = position.settings;
    }
  };
  const isReplaying = () => [...memory.hosts.values()].some((it) => it.replay || it.nameSearch);
  const isExact = () => memory.settings === settingsHash && !memory.recount;

  const engine: Engine = {
    ingest: (submissions) =>
      queue(() => transact((tx, unit) => ingest(tx, unit, { submissions, rules, now: clock() }))),
    metrics: async (format) => {
      const own = () => ({ memory, settings, counters, isClockSuspect: guard.suspicion() !== undefined });
      try {
        return await read(async (reader) => {
          const now = clock();
          const scrape = { ...own(), reader: allComputers(reader, memory, now), storeBytes: await store.bytes(), now };
          // Figures by another collector's zones or products would not be those of this one.
          return expose(isExact() ? await samplesOf(scrape) : collectorSamples(scrape, { ready: 0 }), format);
        });
      } catch (cause) {
        if (!(cause instanceof StoreUnavailable) || cause instanceof StoreUnreachable) throw cause;
        // What cannot be read must not be told as it was; that this collector runs, and cannot read, is told.
        return expose(collectorSamples({ ...own(), storeBytes: 0, now: clock() }, { ready: 0 }), format);
      }
    },
    answer: (query) =>
      read((reader) => {
        if (memory.recount) throw new StoreUnavailable(COUNTING);
        if (memory.settings !== settingsHash) throw new StoreUnavailable(OTHER_SETTINGS);
        const countRecords: CountRecords = (kind, outcome) => counters.records(kind, outcome);
        const now = clock();
        return answerTo(query, {
          memory,
          reader: allComputers(reader, memory, now),
          settings,
          now,
          countRecords,
          clockDoubt: guard.suspicion(),
        });
      }),
    tryRead: () => read(async () => {}),
    continueWork: () =>
      queue(async () => {
        if (isRecounting(memory)) await goOnRecounting(memory.recount!);
        else if (isReplaying())
          await transact(async (tx, unit) => {
            await unit.countAnew(tx, clock());
            await recordSharedIds(tx, unit);
            await unit.save(tx);
          });
        return isRecounting(memory) || isReplaying();
      }),
    sweep: async () => {
      // What is not counted yet cannot be taken away from the sums.
      if (!isExact()) return;
      const doubt = guard.suspicion();
      if (doubt)
        throw new Error(`nothing is deleted, because this computer's clock is doubted: ${clockDoubtText(doubt)}`);
      const now = clock();
      for (const first of retirementRanges(memory, retiredAt, now))
        for (let range: RetirementRange | undefined = first; range !== undefined; ) {
          const current: RetirementRange = range;
          const { share } = pieces;
          range = await queue(() =>
            pieces.timed(() =>
              transact((tx, unit) => retirePiece(tx, memory, { range: current, now, deltas: unit.deltas, share })),
            ),
          );
        }
      retiredAt = now;
      for (let more = true; more; )
        more = await queue(() => {
          const { share } = pieces;
          return pieces.timed(() =>
            transact(async (tx, unit) => {
              const swept = await sweepPiece(tx, memory, {
                retention: config.retention,
                now: clock(),
                share,
                agentless: unit.agentless,
              });
              unit.forget(swept);
              return swept.more;
            }),
          );
        });
    },
    check: (onDamage) =>
      store.check?.((it) => {
        damage ??= it;
        onDamage();
      }),
    trouble: () => damage?.message ?? (isRecounting(memory) ? COUNTING : undefined),
    close: () => queue(async () => store.close()),
  };
  const startedAt = performance.now();
  const isInTime = () => performance.now() < startedAt + startsWithin;
  for (let left = begun ? piecesAtStart : 0; left > 0 && isInTime() && (await engine.continueWork()); left -= 1);
  return engine;
};
