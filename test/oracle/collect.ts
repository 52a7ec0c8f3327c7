import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, openEngineUnderTest, type Place } from "./engine-under-test.ts";
import { DAY, type Fact, HOUR, type Instant } from "./fact.ts";
import { ORDERS, type World } from "./generate-facts.ts";
import { randomOf } from "./random.ts";

/** What a collector says after it took all facts of a world. */
export interface Collected {
  readonly now: Instant;
  /** Series text to value. Without the series of the collector's own process, which differ by the number of requests. */
  readonly series: ReadonlyMap<string, number>;
  readonly kmsHosts: readonly Answer[];
  readonly kmsHost: Readonly<Record<string, Answer>>;
  readonly computers: readonly Answer[];
}

const BATCH_MAX = 120;

/**
 * Delivers a world in one of the orders to an engine with a database of its own, or to the engines of a place. All facts arrive at the world's `now`. Then
 * an hour passes, and a last heartbeat of each agent settles what was pending.
 */
export const collect = (world: World, order: string, place?: Place): Promise<Collected> => {
  const random = randomOf(world.seed * 100 + Object.keys(ORDERS).indexOf(order));
  const facts = ORDERS[order]!(world.facts, random);
  const restarts = order.includes("restart");
  return withEngine(
    world.now,
    async (engine, clock) => {
      for (let sent = 0; sent < facts.length; ) {
        const size = random.whole(1, BATCH_MAX);
        await engine.deliver(facts.slice(sent, sent + size));
        const wasFirstHalf = sent < facts.length / 2;
        sent += size;
        if (restarts && wasFirstHalf && sent >= facts.length / 2) await engine.restart();
      }
      clock.now += HOUR;
      const last = order === "reversed" ? world.lastHeartbeats.toReversed() : world.lastHeartbeats;
      await engine.deliver(last);
    },
    place,
  );
};

/** The figures after one order of a few facts, each in a transaction of its own. */
export const collectOneByOne = (facts: readonly Fact[], now: Instant, last: readonly Fact[] = []): Promise<Collected> =>
  withEngine(now, async (engine, clock) => {
    for (const it of facts) await engine.deliver([it]);
    clock.now += HOUR;
    if (last.length > 0) await engine.deliver(last);
  });

/** The figures after a few facts in one transaction. */
export const collectAtOnce = (facts: readonly Fact[], now: Instant): Promise<Collected> =>
  withEngine(now, (engine) => engine.deliver(facts));

/** The figures after some facts, and others that arrive a day later. */
export const collectDayLater = (first: readonly Fact[], late: readonly Fact[], now: Instant): Promise<Collected> =>
  withEngine(now - DAY, async (engine, clock) => {
    for (const it of first) await engine.deliver([it]);
    for (; clock.now < now; clock.now += 6 * HOUR) await engine.deliver(first);
    for (const it of late) await engine.deliver([it]);
    clock.now += HOUR;
    await engine.deliver(late.slice(0, 1));
  });

type Engine = Awaited<ReturnType<typeof openEngineUnderTest>>;

const withEngine = async (
  start: Instant,
  deliver: (engine: Engine, clock: { now: Instant }) => Promise<void>,
  place?: Place,
): Promise<Collected> => {
  const folder = mkdtempSync(join(tmpdir(), "oracle-"));
  const clock = { now: start };
  const engine = await openEngineUnderTest(place ?? { database: join(folder, "a.db"), engines: 1 }, () => clock.now);
  try {
    await deliver(engine, clock);
    const kmsHosts = await engine.kmsHosts();
    const names = [...new Set(kmsHosts.map((it) => it.kms_host as string))];
    const kmsHost: Record<string, Answer> = {};
    for (const name of names) kmsHost[name] = await engine.kmsHost(name);
    return {
      now: clock.now,
      series: seriesIn(await engine.metrics()),
      kmsHosts,
      kmsHost,
      computers: await engine.computers(),
    };
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * Counters never fall: a request of an unknown product stays counted as such, also after WMI has named the product. So the
 * requests of all applications are compared together.
 */
const ALL_APPLICATIONS = /^(activation_kms_request(?:s|_failures)_total\{.*)application="\w+",/;

const seriesIn = (text: string): Map<string, number> => {
  const series = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#") || line.startsWith("activation_collector_")) continue;
    const end = line.lastIndexOf(" ");
    const name = line.slice(0, end);
    const summed = name.replace(ALL_APPLICATIONS, "$1");
    const value = Number(line.slice(end + 1));
    series.set(summed, summed === name ? value : (series.get(summed) ?? 0) + value);
  }
  return series;
};

/** The first difference in words, and how many series differ; undefined where there is none. */
export const firstDifference = (expected: Collected, actual: Collected): string | undefined => {
  const names = [...new Set([...expected.series.keys(), ...actual.series.keys()])].sort();
  const different = names.filter((it) => expected.series.get(it) !== actual.series.get(it));
  const answers = answerDifference(expected, actual);
  if (different.length === 0) return answers;
  const [name] = different as [string];
  const families = [...new Set(different.map((it) => it.split("{")[0]))];
  return `${name}: ${expected.series.get(name)} became ${actual.series.get(name)} (${different.length} series differ, of ${families.join(", ")}${answers ? `; ${answers}` : ""})`;
};

const answerDifference = (expected: Collected, actual: Collected): string | undefined => {
  for (const part of ["kmsHosts", "kmsHost", "computers"] as const) {
    const difference = jsonDifference(part, expected[part], actual[part]);
    if (difference) return difference;
  }
  return undefined;
};

const jsonDifference = (path: string, expected: Answer, actual: Answer): string | undefined => {
  if (typeof expected === "object" && typeof actual === "object" && expected !== null && actual !== null) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = jsonDifference(`${path}.${key}`, expected[key], actual[key]);
      if (difference) return difference;
    }
    return undefined;
  }
  return expected === actual ? undefined : `${path}: ${JSON.stringify(expected)} became ${JSON.stringify(actual)}`;
};
