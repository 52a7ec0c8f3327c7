import { parse, YAMLParseError } from "yaml";
import { closestName } from "../config/closest-name.ts";
import { ConfigurationError } from "../config/load.ts";
import { duration } from "../config/quantity.ts";
import { WITHIN_DAYS } from "../licensing/telemetry/metrics.ts";
import { SECOND } from "../licensing/time.ts";
import { THRESHOLD_NAMES, THRESHOLD_TABLE, type ThresholdName, type Thresholds, type Unit } from "./thresholds.ts";

/**
 * Reads a file of thresholds: YAML, a name and a value on each line.
 *
 * @throws ConfigurationError with every mistake: bad YAML, names that do not exist, values that do not fit.
 */
export const readThresholds = (file: string, text: string): Partial<Thresholds> => {
  const written = parsed(file, text);
  if (typeof written !== "object" || written === null || Array.isArray(written))
    throw new ConfigurationError(file, ["write names with their values, e.g. forecast: 21d"]);
  const mistakes: string[] = [];
  const thresholds: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(written)) {
    const read = isThreshold(name) ? READERS[THRESHOLD_TABLE[name].unit](value) : unknownName(name);
    if (typeof read === "object") mistakes.push(`${name}: ${read.mistake}`);
    else thresholds[name] = read;
  }
  if (mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  return thresholds as Partial<Thresholds>;
};

const parsed = (file: string, text: string): unknown => {
  try {
    return parse(text, { maxAliasCount: 0 }) ?? {};
  } catch (cause) {
    if (cause instanceof YAMLParseError)
      throw new ConfigurationError(file, [`not YAML: ${cause.message.split("\n")[0]?.replace(/:$/, "")}`]);
    throw cause;
  }
};

const isThreshold = (name: string): name is ThresholdName => Object.hasOwn(THRESHOLD_TABLE, name);

interface Mistake {
  readonly mistake: string;
}
const unknownName = (name: string): Mistake => {
  const closest = closestName(name, THRESHOLD_NAMES);
  return {
    mistake: closest
      ? `unknown threshold; did you mean ${closest}?`
      : "unknown threshold; the runbook lists all of them",
  };
};

type Read = (value: unknown) => number | string | Mistake;
const number: Read = (value) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0
    ? value
    : { mistake: "write a number from 0 on, e.g. 5" };
const share: Read = (value) => {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(value)) ?? [];
  const part = percent === undefined ? value : Number(percent) / 100;
  return typeof part === "number" && part >= 0 && part <= 1 ? part : { mistake: "write a share, e.g. 5% or 0.05" };
};
const time: Read = (value) => {
  const read = duration.safeParse(value);
  return read.success
    ? Math.round(read.data / SECOND)
    : { mistake: "write a number and a unit (s, m, h, d), e.g. 14d" };
};
const WITHIN = WITHIN_DAYS.map((it) => `${it}d`);
const within: Read = (value) =>
  WITHIN.includes(String(value)) ? String(value) : { mistake: `write one of ${WITHIN.join(", ")}` };

const READERS: Readonly<Record<Unit, Read>> = {
  clients: number,
  computers: number,
  records: number,
  requests: number,
  hosts: number,
  times: number,
  share,
  duration: time,
  within,
};
