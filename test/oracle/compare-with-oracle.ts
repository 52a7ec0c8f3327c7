import type { Collected } from "./collect.ts";
import type { Fact, Instant } from "./fact.ts";
import { expectedAgentless } from "./naive-agentless.ts";
import { CHANGES, expectedAttempts, expectedChanges, expectedComputers } from "./naive-client.ts";
import { type ExpectedKmsHost, expectedKmsHosts } from "./naive-kms-host.ts";

/** Every figure that differs from the oracle's, in words. */
export const differencesFromOracle = (collected: Collected, facts: readonly Fact[], now: Instant): string[] => {
  const wrong: string[] = [];
  const compare: Compare = (what, expected, actual) => {
    if (JSON.stringify(expected) !== JSON.stringify(actual))
      wrong.push(`${what}: the engine says ${JSON.stringify(actual)}, the oracle ${JSON.stringify(expected)}`);
  };
  for (const host of expectedKmsHosts(facts, now)) compareKmsHost(host, collected, compare);
  compareCounters(collected, facts, now, compare);
  compareComputers(collected, facts, compare, wrong);
  compareAgentless(collected, facts, now, compare);
  return wrong;
};

type Compare = (what: string, expected: unknown, actual: unknown) => void;

const REASONS = ["unsupported_product", "host_not_activated", "clock_skew", "other"] as const;

const compareKmsHost = (host: ExpectedKmsHost, { series, kmsHosts, kmsHost }: Collected, compare: Compare): void => {
  const seconds = (at: Instant | undefined) => (at === undefined ? undefined : at / 1_000);
  const check = (metric: string, more: string, expected: number | undefined) => {
    const name = `activation_kms_${metric}{kms_host="${host.host}",zone="${host.zone}"${more}}`;
    compare(name, expected, series.get(name));
  };
  for (const source of ["reported", "clients", "ledger"] as const)
    check("known_until_timestamp_seconds", `,source="${source}"`, seconds(host.knownUntil[source]));
  check("renewal_interval_seconds", "", host.renewalMinutes && host.renewalMinutes * 60);
  check("duplicate_machine_ids", "", host.duplicates.length);
  const items = kmsHosts.filter((it) => it.kms_host === host.host);
  const answered = (items[0]?.duplicate_machine_ids ?? []) as { client_machine_id: string }[];
  compare(`duplicate machine IDs of ${host.host}`, host.duplicates, answered.map((it) => it.client_machine_id).sort());
  compare(`aliases of ${host.host}`, host.aliases, [...(kmsHost[host.host]?.aliases ?? [])].sort());
  const pools = host.pools.filter((it) => it.table);
  const sum = (countOf: (pool: (typeof pools)[number]) => number | undefined) =>
    pools.reduce((all, it) => all + (countOf(it) ?? 0), 0);
  if (pools.length > 0) {
    for (const status of ["unlicensed", "licensed", "oob_grace", "notification"])
      check(
        "requests_total",
        `,status="${status}"`,
        sum((it) => it.requestsByStatus[status]),
      );
    for (const reason of REASONS)
      check(
        "request_failures_total",
        `,reason="${reason}"`,
        sum((it) => it.failuresByReason[reason]),
      );
  }
  for (const it of host.pools) {
    const pool = `,application="${it.pool}"`;
    check("table_clients", pool, it.table?.clients);
    check("cache_size", pool, it.table?.capacity);
    check("distinct_clients", pool, it.table?.distinct);
    check("ledger_complete", pool, it.complete ? 1 : 0);
    check("reported_clients", pool, it.reported);
    check("told_clients", pool, it.told);
    check("table_lost_timestamp_seconds", pool, seconds(it.tableLostAt));
    check("last_request_timestamp_seconds", pool, seconds(it.lastRequest));
    for (const [productClass, expected] of Object.entries(it.classes)) {
      const labels = `,product_class="${productClass}"`;
      check("threshold_reached", labels, expected.reached ? 1 : 0);
      check("below_threshold_timestamp_seconds", labels, seconds(expected.belowThresholdAt));
      check("waiting_clients", labels, expected.waiting);
    }
  }
};

const compareCounters = ({ series }: Collected, facts: readonly Fact[], now: Instant, compare: Compare): void => {
  const attempts = expectedAttempts(facts, now);
  const changes = expectedChanges(facts);
  for (const zone of new Set(facts.map((it) => it.sender.zone))) {
    for (const outcome of ["activated", "refused", "no_answer"] as const) {
      const name = `activation_attempts_total{zone="${zone}",outcome="${outcome}"}`;
      compare(name, attempts.get(zone)?.[outcome] ?? 0, series.get(name) ?? 0);
    }
    for (const change of CHANGES) {
      const name = `activation_license_changes_total{zone="${zone}",change="${change}"}`;
      compare(name, changes.get(zone)?.[change] ?? 0, series.get(name) ?? 0);
    }
  }
};

/** WMI tells whole minutes, so a deadline that was computed from an older reading can be a minute off. */
const isSameDeadline = (expected: Instant | undefined, actual: string | undefined): boolean =>
  expected === undefined || actual === undefined
    ? expected === undefined && actual === undefined
    : Math.abs(Date.parse(actual) - expected) <= 60_000;

const compareComputers = (
  { computers }: Collected,
  facts: readonly Fact[],
  compare: Compare,
  wrong: string[],
): void => {
  const deadline = (what: string, expected: Instant | undefined, actual: string | undefined) => {
    if (isSameDeadline(expected, actual)) return;
    const text = expected === undefined ? "none" : new Date(expected).toISOString();
    wrong.push(`deadline of ${what}: the engine says ${actual ?? "none"}, the oracle ${text}`);
  };
  for (const expected of expectedComputers(facts)) {
    const { computer } = expected;
    const found = computers.find((it) => it.computer === computer);
    compare(`zone of ${computer}`, expected.zone, found?.zone);
    compare(`system of ${computer}`, expected.os, found?.os);
    compare(`agent version of ${computer}`, expected.agentVersion, found?.agent_version);
    deadline(computer, expected.deadline, found?.deadline);
    const licenses = (found?.licenses ?? []) as { activation_id: string; status: string; deadline?: string }[];
    compare(
      `licenses of ${computer}`,
      Object.keys(expected.licenses).sort(),
      licenses.map((it) => it.activation_id).sort(),
    );
    for (const [id, license] of Object.entries(expected.licenses)) {
      const known = licenses.find((it) => it.activation_id === id);
      compare(`status of ${id} on ${computer}`, license.status, known?.status);
      deadline(`${id} on ${computer}`, license.deadline, known?.deadline);
    }
  }
};

const compareAgentless = ({ computers }: Collected, facts: readonly Fact[], now: Instant, compare: Compare): void => {
  const { expected, names } = expectedAgentless(facts, expectedKmsHosts(facts, now));
  const found = new Map(computers.filter((it) => it.source === "kms").map((it) => [it.computer as string, it]));
  const unexpected = [...found.keys()].filter((it) => !names.has(it));
  compare("computers without an agent that nothing names", [], unexpected);
  for (const { computer, lastSeen, licenses } of expected) {
    const it = found.get(computer);
    compare(`last request of ${computer}`, new Date(lastSeen).toISOString(), it?.last_seen);
    const known = (it?.licenses ?? []) as { activation_id: string; status: string; deadline?: string }[];
    compare(
      `licenses that requests of ${computer} tell`,
      Object.entries(licenses)
        .map(([id, { status, deadline }]) => [id, status, deadline ?? null])
        .sort(),
      known.map((one) => [one.activation_id, one.status, one.deadline ? Date.parse(one.deadline) : null]).sort(),
    );
  }
};
