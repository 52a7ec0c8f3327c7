import { METRICS, processMetrics } from "../../licensing/telemetry/metrics.ts";
import { type Case, NOW } from "./cases/case.ts";
import { CASES } from "./cases.ts";

/** Samples of 15 seconds, as a collector serves them for every alert at once. The failed scrapes begin after 40 minutes, when every alert has fired. */
export const STEP = 15;
export const FIRST_MISSED = (40 * 60) / STEP;
export const END = (60 * 60) / STEP;
/** Counters rise once, ten minutes before. */
const BURST = FIRST_MISSED - 40;

const byName = new Map(
  [...METRICS, ...Object.values(processMetrics)].map((it) => [
    it.name.replace(/^activation_/, "").replace(/_total$/, ""),
    it,
  ]),
);

/** The case's recorded series as a collector serves them, in a zone, host and key of their own. */
export const scraped = (
  { fires }: Case,
  own: number,
  target = 'instance="c1:9688",job="a"',
): [series: string, sample: (step: number) => number | undefined][] =>
  Object.entries(fires).map(([short, value]) => {
    const named = short
      .replace('zone_computers{zone="core"}', 'computers{zone="core",state="reporting",source="kms"}')
      .replace('zone_agents{zone="core"}', 'computers{zone="core",state="reporting",source="agent"}')
      .replaceAll('zone="core"', `zone="core-${own}"`)
      .replaceAll("kms01", `kms${own}`)
      .replaceAll("ABCDE", `KEY${own}`)
      .replaceAll("rogue", `rogue${own}`)
      .replace("raw activation_", "");
    const [name = "", labels = ""] = named.split(/(?=\{)/);
    const metric = byName.get(name)!;
    const series = `${metric.name}${labels ? `${labels.slice(0, -1)},` : "{"}${target}}`;
    if (metric.type === "counter") return [series, (step) => (step < BURST ? 0 : Number(value))];
    // Day 40 of the case is the end of this test.
    const shift = /timestamp_seconds$/.test(metric.name) ? END * STEP - NOW : 0;
    if (typeof value === "number") return [series, () => value + shift];
    const [start = 0, daily = 0] = value!.split(/[+x]/).map(Number);
    return [series, (step) => start + daily * (40 + ((step - END) * STEP) / 86_400)];
  });

export const CHECKED = CASES.filter((it) => it.alert !== "CollectorDown");
