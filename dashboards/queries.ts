import { HEALTH } from "../licensing/kms/health.ts";
import {
  fleetMetrics as F,
  kmsMetrics as K,
  type Metric,
  pipelineMetrics as P,
  processMetrics,
  recordedName,
} from "../licensing/telemetry/metrics.ts";
import { DAY, HOUR, SECOND } from "../licensing/time.ts";

/**
 * What panels ask, by what it means. Metric names come from the catalogue; everything reads the recorded series, in which
 * the replicas of a collector are one.
 */
export interface Scope {
  readonly zone: string;
  readonly host: string;
  readonly productClass: string;
}
const ZONE = 'zone=~"$zone"';
export const FLEET: Scope = { zone: ZONE, host: ZONE, productClass: ZONE };
export const SELECTED: Scope = {
  zone: ZONE,
  host: `${ZONE},kms_host=~"$kms_host"`,
  productClass: `${ZONE},kms_host=~"$kms_host",product_class=~"$product_class"`,
};

/** How a host or one of its product classes stands. Ordered, so that the worst is the maximum. */
export const STATE = { noCollector: -2, noHost: -1, safe: 0, watch: 1, unknown: 2, atRisk: 3 } as const;
export type State = keyof typeof STATE;

export const series = (metric: Metric, selector = ""): string =>
  `${recordedName(metric)}${selector && `{${selector}}`}`;
const all = (...selectors: string[]): string => selectors.join(",");
const seconds = (ms: number): number => ms / SECOND;
/** Seconds as days or hours: Grafana's own durations are English in every language. */
export const inDays = (expr: string): string => `(${expr}) / ${seconds(DAY)}`;
export const inHours = (expr: string): string => `(${expr}) / ${seconds(HOUR)}`;

/** A label's value that stands for no row or line; panels show it in their language. */
export const NONE = "none";
/** The same where no collector delivers metrics: then nothing is known, and nothing may look healthy. */
export const NO_COLLECTOR = "no collector";
/** The number that stands for no number in a tile. */
export const NO_NUMBER = -1e9;
/** Stands for a number that is not known: what it counts was never read. */
export const NOT_KNOWN = -2e9;
/** The same as a label's value. */
export const NOT_READ = "not read";

const answering = `max(${series(P.buildInfo)})`;
const labelled = (expr: string, labels: readonly string[], value: string): string =>
  labels.reduce((inner, label) => `label_replace(${inner}, "${label}", "${value}", "", "")`, expr);

/**
 * A tile's value, or `NO_NUMBER` where a collector answers and there is none; without a collector it has no value at all.
 *
 * @param known has a value where what the tile counts is known; elsewhere it is `NOT_KNOWN`, never 0.
 */
export const orNoNumber = (expr: string, labels: readonly string[], known?: string): string => {
  const without = `${labelled(`(0 * ${answering} + ${NO_NUMBER})`, labels, " ")}`;
  if (known === undefined) return `(${expr}) or on () ${without}`;
  const notKnown = labelled(`(0 * ${answering} + ${NOT_KNOWN} unless on () ${known})`, labels, " ");
  return `((${expr}) and on () ${known}) or on () ${notKnown} or on () ${without}`;
};
/** A table's rows, or one row whose label says that there is none or that no collector answers. Its value is no number. */
export const orNoRow = (expr: string, others: readonly string[], label: string, known?: string): string =>
  `(${known === undefined ? expr : `(${expr}) and on () ${known}`}) or on () ${known === undefined ? "" : `${labelled(`(0 * ${answering} / 0 unless on () ${known})`, [label], NOT_READ)} or on () `} ${labelled(`(0 * ${answering} / 0${others.length > 0 ? ` unless on () (${others.map((it) => `(${it})`).join(" or ")})` : ""})`, [label], NONE)} or on () ${labelled(`(vector(NaN) unless on () ${answering})`, [label], NO_COLLECTOR)}`;
/** Deadlines are known of computers whose licenses were read, or whose KMS host told of them. */
export const deadlinesKnown = (at: Scope): string =>
  `(sum(${series(F.licenses, at.zone)}) > 0 or sum(${series(F.deadlines, all(at.zone, 'within="90d"'))}) > 0)`;
/** Some computer reports. */
export const computersKnown = (at: Scope): string => `(sum(${series(F.computers, at.zone)}) > 0)`;
/** Every KMS host is known: otherwise "none" may only mean that nothing was heard. */
export const hostsKnown = (at: Scope): string =>
  `(${answering} unless on () (count(${hostStates(at)} == ${STATE.unknown}) > 0 unless on () (${nextFall(at)})))`;

/** Draws no line, but has a legend: while no collector answers. */
export const withoutCollector = (): string => `0 * absent(${series(P.buildInfo)}) / 0`;
/** The same while a collector answers and none of the queries has a line. */
export const withoutLine = (queries: readonly string[]): string =>
  `0 * ${answering} / 0 unless on () (${queries.map((it) => `(${it})`).join(" or ")})`;

/** Copies (a part of) a label into another one, where there is something to copy. */
const copied = (expr: string, from: string, to: string, part = "(.+)"): string =>
  `label_replace(${expr}, "${to}", "$1", "${from}", "${part}")`;
const SHORT = "([^.]+).*";
/** The host's name without its domain, for legends. */
export const shortHost = (expr: string): string => copied(expr, "kms_host", "host", SHORT);
export const HOST_LEGEND = "{{host}}";
export const CLASS_LEGEND = "{{host}} · {{product_class}}";

const HOST = "kms_host, zone";
const CLASS = "kms_host, zone, product_class";
const POOL = "kms_host, zone, application";
const state = (condition: string, is: State): string => `(${condition}) * 0 + ${STATE[is]}`;

const hosts = (at: Scope): string => `max by (${HOST}) (${series(K.knownUntil, at.host)})`;
const classes = (at: Scope): string => `max by (${CLASS}) (${series(K.thresholdReached, at.productClass)})`;

/** How long ago the newest of a host's sources spoke; for one that is only expected, since 1970. */
const silenceOfHosts = (at: Scope): string => `time() - ${hosts(at)}`;
export const silenceOfHeardHosts = (at: Scope): string => `time() - (${hosts(at)} > 0)`;
const isKnown = (at: Scope): string => `(${silenceOfHosts(at)} < ${seconds(HEALTH.unknownAfter)})`;

/**
 * Headroom, where it is known (docs/counting-rules.md, "Silence is not zero"): a silent host has none, instead of its last
 * one.
 */
export const headroom = (at: Scope): string =>
  `max by (${CLASS}) (${series(K.headroom, at.productClass)}) and on (${HOST}) ${isKnown(at)}`;

/** When the count falls below if no client renews, where the log is complete; in the past once it has fallen. */
export const fallsBelow = (at: Scope): string =>
  `max by (${CLASS}) (${series(K.belowThreshold, at.productClass)}) and on (${HOST}) (min by (${HOST}) (${series(K.ledgerComplete, all(at.host, 'application!="unknown"'))}) == 1) and on (${HOST}) ${isKnown(at)}`;
export const untilFallsBelow = (at: Scope): string => `(${fallsBelow(at)}) - time()`;
/** The class that falls first; a count that is below already goes before all others. */
export const nextFall = (at: Scope): string =>
  `bottomk(1, (${untilFallsBelow(at)}) or on (${CLASS}) (0 * ((${headroom(at)}) < 0 and on (${CLASS}) ${classes(at)} == 1) - 1))`;

const near = (at: Scope): string => {
  const within = (selector: string, most: number) =>
    `(${headroom({ ...at, productClass: all(at.productClass, selector) })}) <= ${most}`;
  return `${within('product_class="client"', HEALTH.nearClients)} or ${within('product_class!="client"', HEALTH.nearOthers)}`;
};

/** The state of every product class of every host; of a host of which no class is known, one line without class. */
export const classStates = (at: Scope): string =>
  [
    state(`(${headroom(at)}) < 0 and on (${CLASS}) ${classes(at)} == 1`, "atRisk"),
    state(`(${headroom(at)}) < 0 or ${near(at)} or (${untilFallsBelow(at)}) < ${seconds(HEALTH.forecast)}`, "watch"),
    state(headroom(at), "safe"),
    state(classes(at), "unknown"),
    state(`${hosts(at)} unless on (${HOST}) ${classes(at)}`, "unknown"),
  ].join(" or ");

/** A host that is not licensed itself refuses every client, whatever its count. */
const refusing = (at: Scope): string =>
  `${series(K.hostStatus, all(at.host, 'status=~"unlicensed|notification"'))} == 1`;
export const hostStates = (at: Scope): string =>
  `max by (${HOST}) (${healthStates(at)}) or max by (${HOST}) (${state(refusing(at), "atRisk")} or ${classStates(at)})`;

/** The collector's own judgement, the same as on its page; the queries above judge for collectors that do not serve it. */
const healthStates = (at: Scope): string => {
  const health = (is: State, states: string) =>
    state(`max by (${POOL}) (${series(K.health, all(at.host, `state=~"${states}"`))}) == 1`, is);
  return [
    health("atRisk", "refusing|down|below"),
    health("watch", "near|falling|not_reached"),
    health("unknown", "unknown"),
    health("safe", "safe|maintenance"),
  ].join(" or ");
};

/** Over time: a collector without a KMS host, and no collector, are states of their own. */
export const orNoHost = (states: string, labels: readonly string[]): string =>
  `(${states}) or on () ${labelled(`(0 * ${answering} + ${STATE.noHost})`, labels, "–")} or on () ${labelled(`vector(${STATE.noCollector})`, labels, "–")}`;

/** The worst of all hosts; nothing to judge is a state of its own, never safe. */
export const verdict = (at: Scope): string =>
  `max(${hostStates(at)}) or ${state(`max(${series(P.buildInfo)})`, "noHost")} or vector(${STATE.noCollector})`;
export const longestSilence = (at: Scope): string => `topk(1, ${silenceOfHosts(at)})`;

/** Alerts of this product, with those that name no zone. The watchdog always fires. */
const ALERTS = 'alertstate="firing",alertname=~"(Kms|License|ClientClock|Mak|Agent|Collector).+",zone=~"$zone|"';
export const alertsOf = (severity: string): string =>
  `count(ALERTS{${ALERTS},severity="${severity}"}) or 0 * ${answering}`;
/** Since when each alert holds; `where` is the KMS host, else the zone, and `next` stands for what to do about it. */
export const firingAlerts = (): string => {
  const since = `max by (alertname, severity, kms_host, zone) (ALERTS_FOR_STATE and ignoring (alertstate) ALERTS{${ALERTS},severity!="info"})`;
  return copied(copied(copied(since, "zone", "where"), "kms_host", "where", SHORT), "alertname", "next");
};
export const criticalAlerts = (): string =>
  `max by (alertname, kms_host, zone, product_class) (ALERTS{${ALERTS},severity="critical"})`;

/** A key that a host has now and had not before, while other keys of it were known. */
export const keyChanges = (): string => {
  const keys = (offset = "") =>
    `max by (kms_host, zone, partial_product_key) (${series(K.hostKeyInfo, ZONE)}${offset})`;
  return `${keys()} unless ${keys(" offset 15m")} and on (kms_host) max by (kms_host) (${keys(" offset 15m")})`;
};
export const lostTables = (): string => `time() - max by (${POOL}) (${series(K.tableLost, ZONE)}) < ${seconds(HOUR)}`;
export const dnsFailures = (): string => `max by (${HOST}, domain) (${series(K.dnsPublishFailed, ZONE)}) == 1`;
/** Counters that began anew. */
export const restarts = (): string => `max by (instance) (resets(${processMetrics.requests.name}[5m])) > 0`;

/** Host facts: one value for each host, by which rows of a table are joined. */
export const ofHosts = (metric: Metric, at: Scope, aggregate = "max"): string =>
  `${aggregate} by (${HOST}) (${series(metric, at.host)})`;
export const knownUntilOfClasses = (at: Scope): string =>
  `0 * (${classes(at)}) + on (${HOST}) group_left () ${hosts(at)} or ${hosts(at)} unless on (${HOST}) ${classes(at)}`;
export const hostLicense = (at: Scope): string => `max by (${HOST}, status) (${series(K.hostStatus, at.host)} == 1)`;
export const hostInfo = (at: Scope): string => `max by (${HOST}, os, port) (${series(K.hostInfo, at.host)})`;
export const knownUntilBy = (source: string, at: Scope): string =>
  `max by (${HOST}) (${series(K.knownUntil, all(at.host, `source="${source}"`))})`;
export const hostKeys = (at: Scope): string =>
  `max by (${POOL}, product_group, partial_product_key) (${series(K.hostKeyInfo, at.host)})`;
/** How many more hosts may use each of these keys, and how often each host may be activated again with it. */
export const keyHostsLeft = (at: Scope): string =>
  `0 * (${hostKeys(at)}) + on (partial_product_key) group_left () (scalar(max(${series(K.keyHostsAllowed)})) - max by (partial_product_key) (${series(K.keyHosts)}))`;
export const keyReactivationsLeft = (at: Scope): string =>
  `0 * (${hostKeys(at)}) + on (partial_product_key, kms_host) group_left () (scalar(max(${series(K.keyReactivationsAllowed)})) - max by (partial_product_key, kms_host) (${series(K.keyReactivations)}))`;
/** By product; a host whose clients are all covered has one line that says so, one of which nothing is known has none. */
export const uncovered = (at: Scope): string => {
  const clients = `max by (${HOST}, product) (${series(K.uncoveredClients, at.host)})`;
  return `${clients} > 0 or on (${HOST}) label_replace(max by (${HOST}) (${clients}), "product", "${NONE}", "", "")`;
};
export const published = (at: Scope): string => `max by (${HOST}, domain) (${series(K.srvPublished, at.host)})`;

export const answers = (probe: string, at: Scope): string =>
  `min by (${HOST}, prober_zone) (${series(K.hostUp, all(at.host, `probe="${probe}"`))})`;
export const srvRecords = (): string =>
  `max by (domain, target, port, priority, weight, state) (${series(K.srvRecordInfo)})`;

/** Counts of one repeated host; a host of which nothing is known has none, instead of its last ones. */
export const countOf = (metric: Metric, application: string): string =>
  `max by (application) (max by (${POOL}) (${series(metric, all(SELECTED.host, `application="${application}"`))}) and on (${HOST}) ${isKnown(SELECTED)})`;
export const requiredBy = (productClass: string): string =>
  `max(${series(K.requiredClients, `product_class="${productClass}"`)})`;

/** Events an hour, from a recorded rate. */
export const perHour = (metric: Metric, by: string, selector: string): string =>
  `sum by (${by}) (3600 * avg_over_time(${series(metric, selector)}[$__interval]))`;
/** The same where it is not zero; a line `NONE` stands where nothing is, so that quiet is not taken for blind. */
export const perHourOrNone = (metric: Metric, by: string, selector: string): string =>
  `${perHour(metric, by, selector)} > 0 or on () label_replace(0 * count(${series(metric, selector)}), "${by}", "${NONE}", "", "")`;

/** Computers and licenses, by zone. */
export const byZone = (metric: Metric, at: Scope, selector = ""): string =>
  `sum by (zone) (${series(metric, selector ? all(at.zone, selector) : at.zone)})`;
export const zoneKinds = (at: Scope): string => `max by (zone, kind) (${series(F.zoneInfo, at.zone)})`;
export const licensesBy = (labels: string, at: Scope): string => `sum by (${labels}) (${series(F.licenses, at.zone)})`;
export const deadlinesWithin = (days: number, at: Scope): string =>
  `sum(${series(F.deadlines, all(at.zone, `within="${days}d"`))})`;
export const overdueShare = (at: Scope): string =>
  `${byZone(F.renewalsOverdue, at)} / (${byZone(F.computers, at, 'state!="retired"')} > 0)`;
export const soonestDeadlines = (at: Scope, count: number): string =>
  `bottomk(${count}, max by (computer, zone, product, status) (${series(F.computerDeadline, at.zone)}))`;
export const nextDeadline = (at: Scope): string => `(${soonestDeadlines(at, 1)}) - time()`;
const fleetSum = (metric: Metric, at: Scope, selector = ""): string =>
  `sum(${series(metric, selector ? all(at.zone, selector) : at.zone)})`;

/**
 * How far away an instant is, in days or hours: Grafana writes its own relative times in the language of its user, not in
 * that of the dashboard.
 */
export const daysUntil = (expr: string): string => inDays(`(${expr}) - time()`);
export const daysSince = (expr: string): string => inDays(`time() - (${expr})`);
export const hoursSince = (expr: string): string => inHours(`time() - (${expr})`);

/** Of the collectors' own processes, which no recording rule touches. */
export const processPerMinute = ({ name }: Metric, by: string): string =>
  `sum by (${by}) (60 * rate(${name}[$__rate_interval]))`;
export const processQuantile = (quantile: number, { name }: Metric): string =>
  `histogram_quantile(${quantile}, sum by (le) (rate(${name}_bucket[$__rate_interval])))`;

export const perMinute = (metric: Metric, by: string, selector = ""): string =>
  `sum by (${by}) (60 * ${series(metric, selector)})`;
/** A MAK belongs to no zone. */
export const makComputers = (): string => `max by (partial_product_key) (${series(F.makComputers)})`;
export const makAllowance = (): string => `max by (partial_product_key) (${series(F.makAllowance)})`;
/** What the licensing portal said, else what our own inventory leaves of the allowance. */
export const makLeft = (): string =>
  `max by (partial_product_key) (${series(F.makRemaining)}) or ${makAllowance()} - ${makComputers()}`;
export const rearms = (at: Scope): string => `sum by (remaining) (${series(F.rearmComputers, at.zone)})`;
export const oldestUnsentByZone = (at: Scope): string => `max by (zone) (${series(P.oldestUnsent, at.zone)})`;
export const oldestUnsent = (at: Scope): string => `max(${series(P.oldestUnsent, at.zone)})`;
export const ready = (): string => `min(${series(P.ready)})`;
export const collectors = (): string =>
  `max by (version) (${series(P.buildInfo)}) or on () ${labelled("vector(0)", ["version"], NO_COLLECTOR)}`;
export const knownComputers = (): string => `max(${series(P.collectorComputers)})`;
export const storeBytes = (): string => `max(${series(P.storeBytes)})`;
export const computersBy = (label: string, at: Scope): string => `sum by (${label}) (${series(F.computers, at.zone)})`;
export const staleShare = (at: Scope): string =>
  `${fleetSum(F.computers, at, 'state="stale"')} / (${fleetSum(F.computers, at, 'state!="retired"')} > 0)`;
export const lostPerHour = (metric: Metric, at: Scope): string =>
  `sum(3600 * avg_over_time(${series(metric, at.zone)}[$__interval])) or 0 * ${fleetSum(F.computers, at)}`;
export const perHourInAll = (metric: Metric): string => `sum(3600 * avg_over_time(${series(metric)}[$__interval]))`;
export const failingSources = (at: Scope): string =>
  `sum by (zone, source) (${series(P.failingSources, at.zone)}) > 0 or on () label_replace(0 * ${fleetSum(F.computers, at)}, "source", "${NONE}", "", "")`;
