// Quoted titles are headings of docs/counting-rules.md.
import { DAY, type Fact, type Heartbeat, type Instant, ofKind, type Reading, type RequestHandled } from "./fact.ts";
import { exchangesOf } from "./naive-client.ts";
import { type Pool, poolOf } from "./naive-products.ts";

/**
 * The figures of one KMS host from all facts at once, with no regard for cost: every question sorts the requests and walks
 * through them again. It shares no code with the product.
 *
 * Where the contract leaves a choice, this file chooses:
 * - Ties in time go by record ID, then by client machine ID.
 * - A request counts in the pool of its product by everything that is known in the end. A reading that names an unknown
 *   activation ID moves earlier requests too, also in `requests_total`.
 * - A fact that came both live and by an import counts as live.
 * - The life of a table ends with the last reading before the drop. Requests up to that instant belong to the old life,
 *   later requests and readings to the new one.
 * - A reading with a count above 10 makes the capacity 50 from the start of its life of the table when no valid request
 *   with need 25 of that life and pool is older than the reading.
 * - "Complete at the reading" looks at all that is known in the end: the log was read without a gap from 30 days before the
 *   reading until the reading. The generated worlds have no gap on a KMS host that loses its table.
 * - A count that drops is suspected at the first reading, confirmed or dismissed at the next one. Each of the two needs a
 *   complete log at its own reading and at the one before: entries of a time before the log may have ended in between.
 * - Expiries between two readings are the entries of the table at the later reading whose 30 days ended in between.
 * - Entries of the table that are older than 30 days stay behind the younger ones. They tell when the count fell below the
 *   threshold. Where a lost table holds too few entries, the time of the drop is that instant.
 * - With heartbeats, the log is known from what they say. A log that begins with record 1 is known from its beginning.
 * - A table is complete, too, when since the last gap as many clients asked as it can hold (docs/counting-rules.md, "Silence
 *   is not zero").
 * - Waiting clients and distinct clients take no notice of a lost table.
 * - Duplicate machine IDs count the valid requests of all pools and all KMS hosts, and the agents' readings, since
 *   judgedAt - 30 d. A name is its first label. A host shows a machine ID that asked it in that time, or that a reading of that
 *   time tells whose computer asked it last. A computer that reads an ID twice used it right before and after each use by
 *   another name in between.
 * - A join for an alias takes any 12290, also a refused one. The newest join is the one with the newest 12288.
 * - A host that never logged a request has the classes in use that its readings name.
 * - Clients of unknown products make each other pool an interval while its count comes from a complete table: without them, and
 *   with all of them. Below the threshold the upper end tells when the count fell, above it the lower end; in between nothing
 *   does. A fresh reported count is exact.
 */

export type ProductClass = "client" | "server" | "office" | "office2010";

const REQUIRED: Readonly<Record<ProductClass, number>> = { client: 25, server: 5, office: 5, office2010: 5 };
const CLASSES_OF: Readonly<Record<Pool, readonly ProductClass[]>> = {
  windows: ["client", "server"],
  office: ["office"],
  office2010: ["office2010"],
  unknown: [],
};
const POOLS = ["windows", "office", "office2010", "unknown"] as const;
const LIFETIME = 30 * DAY;

const STATUSES = [
  "unlicensed",
  "licensed",
  "oob_grace",
  "oot_grace",
  "non_genuine_grace",
  "notification",
  "extended_grace",
] as const;

export interface ExpectedClass {
  readonly reached: boolean;
  readonly belowThresholdAt: Instant | undefined;
  readonly waiting: number;
}

export interface ExpectedPool {
  readonly pool: Pool;
  /** Absent where no request of this pool was logged. */
  readonly table: { readonly clients: number; readonly capacity: number; readonly distinct: number } | undefined;
  readonly complete: boolean;
  readonly reported: number | undefined;
  readonly told: number | undefined;
  readonly tableLostAt: Instant | undefined;
  readonly lastRequest: Instant | undefined;
  readonly requestsByStatus: Readonly<Record<string, number>>;
  readonly failuresByReason: Readonly<Record<string, number>>;
  readonly classes: Readonly<Partial<Record<ProductClass, ExpectedClass>>>;
}

export interface ExpectedKmsHost {
  readonly host: string;
  readonly zone: string;
  readonly knownUntil: { reported?: Instant; clients?: Instant; ledger?: Instant };
  readonly renewalMinutes: number | undefined;
  readonly duplicates: readonly string[];
  readonly aliases: readonly string[];
  readonly pools: readonly ExpectedPool[];
}

/** Every computer that logged 12290 or said through WMI that it is a KMS host (docs/counting-rules.md, "Names"). */
const kmsHostNames = (facts: readonly Fact[]): string[] => [
  ...new Set([
    ...ofKind(facts, "request_handled").map((it) => it.host),
    ...ofKind(facts, "reading")
      .filter((it) => it.isKmsHost)
      .map((it) => it.computer),
  ]),
];

export const expectedKmsHosts = (facts: readonly Fact[], now: Instant): ExpectedKmsHost[] =>
  kmsHostNames(facts)
    .sort()
    .map((host) => expectedKmsHost(host, facts, now));

const classOf = (pool: Pool, need: number): ProductClass | undefined => {
  if (pool === "unknown") return undefined;
  return pool === "windows" ? (need === 25 ? "client" : "server") : pool;
};

/** "Valid requests count". */
const isValid = ({ hresult }: RequestHandled): boolean => hresult === "0x00000000" || hresult === "0xC004F038";

const inOrder = (a: RequestHandled, b: RequestHandled): number =>
  a.at - b.at || a.recordId - b.recordId || (a.cmid < b.cmid ? -1 : 1);

// --- The table of one pool -----------------------------------------------------------------------------------------

interface Table {
  readonly capacity: number;
  /** The last request of each client, newest first. */
  readonly entries: readonly { readonly cmid: string; readonly at: Instant }[];
}

/** One life of a table: everything that belongs to it lies after `bornAt`. */
interface Life {
  readonly bornAt: Instant | undefined;
  readonly requests: readonly RequestHandled[];
  readonly readings: readonly { readonly at: Instant; readonly count: number }[];
}

/** "The table is simulated": the table after the given requests of its life. */
const tableAfter = (requests: readonly RequestHandled[], { readings, requests: all }: Life): Table => {
  let capacity = 0;
  const provesFifty = readings.some(
    (reading) => reading.count > 10 && !all.some((it) => it.need === 25 && it.at < reading.at),
  );
  let entries: { cmid: string; at: Instant }[] = [];
  for (const { cmid, at, need } of requests) {
    capacity = Math.max(capacity, 2 * need, provesFifty ? 50 : 0);
    entries = [{ cmid, at }, ...entries.filter((it) => it.cmid !== cmid)].slice(0, capacity);
  }
  return { capacity, entries };
};

const sizeAt = ({ entries }: Table, at: Instant): number => entries.filter((it) => it.at + LIFETIME > at).length;

/** How many clients the table of its pool held right after a valid request, where the table was never lost. */
export const sizeRightAfter = (request: RequestHandled, facts: readonly Fact[]): number => {
  const pool = poolOf(facts, request.activationId, request.need);
  const requests = ofKind(facts, "request_handled")
    .filter((it) => it.host === request.host && isValid(it) && poolOf(facts, it.activationId, it.need) === pool)
    .sort(inOrder);
  const readings = ofKind(facts, "reading")
    .filter((it) => it.computer === request.host && it.isKmsHost)
    .flatMap((it) => {
      const count = reportedCount(it, pool);
      return count === undefined ? [] : [{ at: it.at, count }];
    });
  const until = requests.slice(0, requests.indexOf(request) + 1);
  return sizeAt(tableAfter(until, { bornAt: undefined, requests, readings }), request.at);
};

/** The sizes of a pool's table right after each request, and its last life. */
interface Walk {
  readonly sizes: readonly { readonly request: RequestHandled; readonly size: number }[];
  readonly last: Life;
  readonly lostAt: Instant | undefined;
}

/** "Reported counts": walks through the readings; each confirmed drop begins a new life. */
const walkLives = (
  requests: readonly RequestHandled[],
  readings: readonly { readonly at: Instant; readonly count: number }[],
  isCompleteAt: (at: Instant, bornAt: Instant | undefined) => boolean,
): Walk => {
  let bornAt: Instant | undefined;
  let lostAt: Instant | undefined;
  const births: Instant[] = [];
  let previous: { at: Instant; count: number; isComplete: boolean } | undefined;
  let suspicion: { from: Instant; at: Instant; expected: number } | undefined;
  const lifeFrom = (start: Instant | undefined, end: Instant | undefined): Life => {
    const within = ({ at }: { at: Instant }) => (start === undefined || at > start) && (end === undefined || at <= end);
    return { bornAt: start, requests: requests.filter(within), readings: readings.filter(within) };
  };
  for (const reading of readings) {
    const life = lifeFrom(bornAt, undefined);
    const table = tableAfter(
      life.requests.filter((it) => it.at <= reading.at),
      life,
    );
    const expiries = (from: Instant): number =>
      table.entries.filter((it) => it.at + LIFETIME > from && it.at + LIFETIME <= reading.at).length;
    const isComplete = isCompleteAt(reading.at, bornAt);
    if (!previous?.isComplete || !isComplete) suspicion = undefined;
    else if (suspicion) {
      if (reading.count < suspicion.expected - expiries(suspicion.at)) {
        bornAt = suspicion.from;
        lostAt = suspicion.at;
        births.push(bornAt);
      }
      suspicion = undefined;
    } else {
      const expected = previous!.count - expiries(previous!.at);
      if (reading.count < expected) suspicion = { from: previous!.at, at: reading.at, expected };
    }
    previous = { ...reading, isComplete };
  }
  const sizes = [undefined, ...births].flatMap((start, i) => {
    const life = lifeFrom(start, births[i]);
    return life.requests.map((request, n) => ({
      request,
      size: sizeAt(tableAfter(life.requests.slice(0, n + 1), life), request.at),
    }));
  });
  return { sizes, last: lifeFrom(bornAt, undefined), lostAt };
};

// --- What is known of the log --------------------------------------------------------------------------------------

interface Coverage {
  readonly until: Instant | undefined;
  readonly from: Instant | undefined;
  readonly fromTheBeginning: boolean;
}

/** "Silence is not zero". */
const coverageOf = (requests: readonly RequestHandled[], heartbeats: readonly Heartbeat[], now: Instant): Coverage => {
  const told = heartbeats
    .flatMap((it) => (it.kms ? [{ ...it.kms, readUntil: Math.min(it.kms.readUntil, now) }] : []))
    .sort((a, b) => a.readUntil - b.readUntil);
  const newestEvent = requests.length > 0 ? Math.max(...requests.map((it) => it.at)) : undefined;
  const newestTold = told.at(-1);
  const until = newestTold ? Math.max(newestTold.readUntil, newestEvent ?? 0) : newestEvent;

  // The newest run of record numbers without a hole.
  const byNumber = requests.toSorted((a, b) => b.recordId - a.recordId);
  const hole = byNumber.findIndex((it, i) => i > 0 && it.recordId < byNumber[i - 1]!.recordId - 1);
  const firstOfRun = byNumber[hole < 0 ? byNumber.length - 1 : hole - 1];

  const hadFewer = newestTold !== undefined && told.some((it) => it.gaps < newestTold.gaps);
  const from = !newestTold
    ? firstOfRun?.at
    : hadFewer
      ? told.find((it) => it.gaps === newestTold.gaps)!.readUntil
      : Math.min(...told.map((it) => Math.max(it.oldest, it.readUntil - LIFETIME)));
  return { until, from, fromTheBeginning: firstOfRun?.recordId === 1 && !hadFewer };
};

const isKnown = ({ until, from, fromTheBeginning }: Coverage, at: Instant, bornAt: Instant | undefined): boolean => {
  if (until === undefined || from === undefined || at > until) return false;
  return fromTheBeginning || from <= at - LIFETIME || (bornAt !== undefined && from <= bornAt);
};

// --- One KMS host --------------------------------------------------------------------------------------------------

const expectedKmsHost = (host: string, facts: readonly Fact[], now: Instant): ExpectedKmsHost => {
  const requests = ofKind(facts, "request_handled")
    .filter((it) => it.host === host)
    .sort(inOrder);
  const readings = ofKind(facts, "reading")
    .filter((it) => it.computer === host && it.isKmsHost)
    .sort((a, b) => a.at - b.at);
  const heartbeats = ofKind(facts, "heartbeat").filter((it) => it.computer === host);
  const coverage = coverageOf(requests, heartbeats, now);
  const judgedAt = Math.min(coverage.until ?? now, now);
  const tolds = toldBy(host, facts);
  const newestOwn = facts.filter((it) => it.sender.host === host).sort((a, b) => a.at - b.at);
  const newestReading = readings.at(-1);
  return {
    host,
    zone: newestOwn.at(-1)?.sender.zone ?? "unassigned",
    knownUntil: {
      ...(newestReading && { reported: newestReading.at }),
      ...(tolds.length > 0 && { clients: tolds.at(-1)!.at }),
      ...(coverage.until !== undefined && { ledger: coverage.until }),
    },
    renewalMinutes: tolds.at(-1)?.renewalMinutes,
    duplicates: duplicatesOf(host, facts, judgedAt),
    aliases: [...aliasesIn(facts)]
      .filter(([, it]) => it === host)
      .map(([name]) => name)
      .sort(),
    pools: POOLS.flatMap((pool) => {
      const mine = requests.filter((it) => poolOf(facts, it.activationId, it.need) === pool);
      const told = tolds.filter((it) => it.pool === pool);
      const reported = readings.flatMap((it) => {
        const count = reportedCount(it, pool);
        return count === undefined ? [] : [{ at: it.at, count }];
      });
      if (mine.length === 0 && told.length === 0 && reported.length === 0) return [];
      const unknown = pool === "unknown" ? [] : unknownEntries(requests, facts);
      return [expectedPool({ pool, requests: mine, unknown, readings, reported, told, coverage, judgedAt, now })];
    }),
  };
};

/** The table of the clients of unknown products. It is never lost: no reading counts it. */
const unknownEntries = (requests: readonly RequestHandled[], facts: readonly Fact[]): Table["entries"] => {
  const valid = requests.filter((it) => isValid(it) && poolOf(facts, it.activationId, it.need) === "unknown");
  return tableAfter(valid, { bornAt: undefined, requests: valid, readings: [] }).entries;
};

/** Of several rows of one application, the highest count is the host's. */
const reportedCount = ({ rows }: Reading, pool: Pool): number | undefined => {
  const counts = rows.flatMap((it) =>
    it.application === pool && it.reportedClients !== undefined ? [it.reportedClients] : [],
  );
  return counts.length > 0 ? Math.max(...counts) : undefined;
};

const expectedPool = ({
  pool,
  requests,
  unknown,
  readings,
  reported,
  told,
  coverage,
  judgedAt,
  now,
}: {
  readonly pool: Pool;
  readonly requests: readonly RequestHandled[];
  /** The table of the clients that may belong to this pool as well. */
  readonly unknown: Table["entries"];
  readonly readings: readonly Reading[];
  readonly reported: readonly { readonly at: Instant; readonly count: number }[];
  readonly told: readonly Told[];
  readonly coverage: Coverage;
  readonly judgedAt: Instant;
  readonly now: Instant;
}): ExpectedPool => {
  const valid = requests.filter(isValid);
  const walk = walkLives(valid, reported, (at, bornAt) => isKnown(coverage, at, bornAt));
  const table = tableAfter(walk.last.requests, walk.last);
  const sinceTheGap = new Set(
    walk.last.requests.filter((it) => it.at >= (coverage.from ?? Number.POSITIVE_INFINITY)).map((it) => it.cmid),
  );
  const isFull = table.capacity > 0 && sinceTheGap.size >= table.capacity;
  const newest = newestOfEachClient(walk.sizes);
  const live = requests.filter((it) => !it.imported);
  const keyLost = reported.length > 0 && isKeyLost(pool, readings, walk.last.requests.at(-1)?.at);
  const complete = pool !== "unknown" && (isKnown(coverage, judgedAt, walk.last.bornAt) || isFull);
  const isCountFresh = reported.length > 0 && now <= readings.at(-1)!.at + 2_000 * readings.at(-1)!.intervalSeconds;
  const upper = withUnknown(table, unknown, judgedAt);
  const ends = { lower: table, upper: complete && !isCountFresh && !keyLost ? upper : table };
  const classes: Partial<Record<ProductClass, ExpectedClass>> = {};
  for (const productClass of CLASSES_OF[pool]) {
    const required = REQUIRED[productClass];
    const isUsed =
      valid.some((it) => classOf(pool, it.need) === productClass) ||
      (requests.length === 0 && namesNeed(readings, pool, productClass));
    if (!isUsed) continue;
    const reached =
      walk.sizes.some((it) => it.size >= required) ||
      reported.some((it) => it.count >= required) ||
      told.some((it) => it.count >= required);
    classes[productClass] = {
      reached,
      belowThresholdAt:
        reached && !keyLost ? fallsBelowAt(ends, { required, judgedAt, lostAt: walk.lostAt }) : undefined,
      waiting: newest.filter(
        ({ request, size }) =>
          classOf(pool, request.need) === productClass &&
          request.status !== 1 &&
          size < required &&
          request.at + LIFETIME > judgedAt,
      ).length,
    };
  }
  return {
    pool,
    table:
      requests.length === 0
        ? undefined
        : {
            clients: sizeAt(table, judgedAt),
            capacity: table.capacity,
            distinct: newest.filter(({ request }) => request.at > judgedAt - LIFETIME && request.at <= judgedAt).length,
          },
    complete,
    reported: keyLost ? undefined : reported.at(-1)?.count,
    told: told.at(-1)?.count,
    tableLostAt: walk.lostAt,
    lastRequest: requests.at(-1)?.at,
    requestsByStatus: countBy(live, (it) => STATUSES[it.status]!),
    failuresByReason: countBy(
      live.filter((it) => !isValid(it)),
      (it) => REASON_OF[it.hresult] ?? "other",
    ),
    classes,
  };
};

/** "Pools": the table with all clients of unknown products in it, of each its newest request. */
const withUnknown = (table: Table, unknown: Table["entries"], judgedAt: Instant): Table => {
  if (sizeAt({ ...table, entries: unknown }, judgedAt) === 0) return table;
  const capacity = Math.max(table.capacity, 10);
  const ordered = [...table.entries, ...unknown].sort((a, b) => b.at - a.at);
  const entries = ordered.filter((it, i) => ordered.findIndex((other) => other.cmid === it.cmid) === i);
  return { capacity, entries: entries.slice(0, capacity) };
};

const fallsBelowAt = (
  { lower, upper }: { readonly lower: Table; readonly upper: Table },
  { required, judgedAt, lostAt }: { required: number; judgedAt: Instant; lostAt: Instant | undefined },
): Instant | undefined => {
  const isBelow = sizeAt(upper, judgedAt) < required;
  if (!isBelow && sizeAt(lower, judgedAt) < required) return undefined;
  const deciding = (isBelow ? upper : lower).entries[required - 1];
  return deciding ? deciding.at + LIFETIME : lostAt;
};

/** "Reported counts": no key of the newest reading serves this family, and no valid request was logged since. */
const isKeyLost = (pool: Pool, readings: readonly Reading[], newestRequest: Instant | undefined): boolean => {
  const newest = readings.at(-1)!;
  if (newest.rows.some((it) => it.application === pool && it.channel === "kms_host")) return false;
  return newestRequest === undefined || newestRequest <= newest.at;
};

const namesNeed = (readings: readonly Reading[], pool: Pool, productClass: ProductClass): boolean =>
  readings.some((reading) =>
    reading.rows.some(
      (it) =>
        it.application === pool &&
        (it.reportedClients ?? 0) > 0 &&
        it.requiredClients !== undefined &&
        classOf(pool, it.requiredClients) === productClass,
    ),
  );

const newestOfEachClient = (sizes: Walk["sizes"]): Walk["sizes"] => [
  ...new Map(sizes.map((it) => [it.request.cmid, it])).values(),
];

const countBy = <T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const it of items) counts[nameOf(it)] = (counts[nameOf(it)] ?? 0) + 1;
  return counts;
};

/** The results that the generated worlds use. */
export const REASON_OF: Readonly<Record<string, string>> = {
  "0xC004F038": "count_too_low",
  "0xC004F074": "host_unreachable",
  "0x8007232B": "dns",
  "0xC004F06C": "clock_skew",
  "0xC004F042": "unsupported_product",
  "0xC004F041": "host_not_activated",
};

// --- Names of a KMS host and what clients were told ----------------------------------------------------------------

/** "Names": other names of KMS hosts, each with the host that it means. */
export const aliasesIn = (facts: readonly Fact[]): Map<string, string> => {
  const hosts = new Set(kmsHostNames(facts));
  const handled = ofKind(facts, "request_handled");
  const sent = ofKind(facts, "request_sent").sort((a, b) => a.at - b.at || a.recordId - b.recordId);
  const aliases = new Map<string, string>();
  for (const it of sent) {
    const name = it.target.toLowerCase();
    if (hosts.has(name)) continue;
    const same = handled.find(
      (other) => other.cmid === it.cmid && other.clientTime === it.clientTime && other.activationId === it.activationId,
    );
    if (same) aliases.set(name, same.host);
  }
  return aliases;
};

interface Told {
  readonly at: Instant;
  readonly pool: Pool;
  readonly count: number;
  readonly renewalMinutes: number;
}

/** What clients were told by this host, oldest first. */
const toldBy = (host: string, facts: readonly Fact[]): Told[] => {
  const aliases = aliasesIn(facts);
  const computers = new Set(ofKind(facts, "response_processed").map((it) => it.computer));
  return [...computers]
    .flatMap((it) => exchangesOf(it, facts))
    .filter(({ request }) => (aliases.get(request.target.toLowerCase()) ?? request.target.toLowerCase()) === host)
    .map(({ request, response }) => ({
      at: response.at,
      pool: poolOf(facts, request.activationId, request.need),
      count: response.count,
      renewalMinutes: response.renewalMinutes,
    }))
    .sort((a, b) => a.at - b.at);
};

/** "Duplicate machine IDs". */
const duplicatesOf = (host: string, facts: readonly Fact[], judgedAt: Instant): string[] => {
  const requests = ofKind(facts, "request_handled").filter(isValid);
  const readings = ofKind(facts, "reading").flatMap((it) => (it.cmid === undefined ? [] : [{ ...it, cmid: it.cmid }]));
  const uses = [
    ...requests,
    ...readings.map((it) => ({ ...it, name: it.computer, host: targetOf(it.computer, facts) })),
  ];
  const inBetween = uses.flatMap((use) =>
    [...new Set(readings.filter((it) => it.cmid === use.cmid).map((it) => it.computer))]
      .filter((computer) => {
        const own = readings.filter((it) => it.cmid === use.cmid && it.computer === computer).map((it) => it.at);
        return computer !== use.name.toLowerCase() && Math.min(...own) < use.at && use.at < Math.max(...own);
      })
      .flatMap((name) => [use.at - 1, use.at + 1].map((at) => ({ cmid: use.cmid, host: undefined, name, at }))),
  );
  const recent = [...uses, ...inBetween]
    .map(({ at, cmid, name, host }) => ({ at, cmid, host, name: name.toLowerCase().split(".")[0]! }))
    .filter((it) => it.at > judgedAt - LIFETIME)
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  const used = new Set(recent.filter((it) => it.host === host).map((it) => it.cmid));
  return [...used]
    .filter((cmid) => {
      const names = recent.filter((it) => it.cmid === cmid).map((it) => it.name);
      return names.filter((it, i) => it !== names[i - 1]).length >= 3;
    })
    .sort();
};

/** The KMS host, by its own name, that a computer asked last. */
const targetOf = (computer: string, facts: readonly Fact[]): string | undefined =>
  ofKind(facts, "request_sent")
    .filter((it) => it.computer === computer)
    .sort((a, b) => a.at - b.at || (a.target.toLowerCase() < b.target.toLowerCase() ? -1 : 1))
    .at(-1)
    ?.target.toLowerCase();
