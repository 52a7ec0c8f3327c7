import { kmsMetrics as M } from "../licensing/metrics.ts";
import type { Sample } from "../licensing/metrics-exposition.ts";
import { DAY, type Instant } from "../licensing/time.ts";
import type { ComputerState } from "./computer.ts";
import { type HostRules, hostNames } from "./probe-view.ts";
import { type Contribution, tallyKey } from "./tallies.ts";
import type { Memory } from "./work.ts";

/** Which KMS host a computer last asked (12288), whether it answered or not. */
export interface KmsTargetAsked {
  readonly name: string;
  readonly at: Instant;
}

const NAME = /^[\p{L}\p{N}_.:-]{1,253}$/u;

export const takeTarget = (computer: ComputerState, name: string | undefined, at: Instant): void => {
  const host = name?.toLowerCase().replace(/\.$/, "");
  if (!host || !NAME.test(host) || (computer.target?.at ?? 0) > at) return;
  computer.target = { name: host, at };
};

const dayOf = (at: Instant): number => Math.floor(at / DAY);

/** Computers by the KMS host they last asked and the day, so that the last 30 days are a sum. */
export const targetContributions = ({ target }: ComputerState): Contribution[] =>
  target ? [[tallyKey("target", target.name, dayOf(target.at)), 1]] : [];

/** A client asks every seven days; one that has asked nobody for a month is not to be mended any more. */
const ASKED_WITHIN = 30 * DAY;
const TARGETS_MAX = 20;

/** Only where expected hosts are configured is another one unexpected. */
export const unexpectedFigures = ({ hosts, tallies }: Memory, rules: HostRules, now: Instant): Sample[] => {
  if (rules.expectedHosts.length === 0) return [];
  const names = hostNames(hosts, rules);
  const clients = new Map<string, number>();
  for (const { labels, sum } of tallies.of("target")) {
    const [name, day] = labels as [string, string];
    if (Number(day) < dayOf(now - ASKED_WITHIN) || names.stateOf(name, false) !== "unexpected") continue;
    clients.set(name, (clients.get(name) ?? 0) + sum);
  }
  return [...clients]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, TARGETS_MAX)
    .map(([target, value]) => ({ metric: M.unexpectedHostClients, labels: [target], value }));
};
