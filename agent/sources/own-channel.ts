import type { EventFact } from "../../licensing/facts.ts";
import type { Observed } from "./source.ts";

/** Windows' log of what other computers forward. */
const FORWARDED = "forwardedevents";

/**
 * Whether an event was written by the computer in whose log it stands. A forwarded event keeps the name of the log that it
 * comes from, so that it differs from that of the log in which it is found.
 */
export const isOwnEvent = (fact: EventFact, channel: string): boolean =>
  channel.toLowerCase() !== FORWARDED && fact.channel?.toLowerCase() === channel.toLowerCase();

/**
 * An event of a computer's own log, under the computer's present name. Windows writes into each event the name of that day: a
 * setup name, a name before the domain was joined. Former names are no computers, and stay in the event only.
 */
export const underPresentName = (fact: EventFact, host: string): Pick<Observed, "host" | "ownChannel"> =>
  fact.computer.toLowerCase() === host ? { host } : { host, ownChannel: true };

/**
 * Finds in a recording the logs of this computer itself: Windows goes on numbering records when a computer is renamed, so that
 * the names of a log follow each other, none comes back, and the present one is last.
 */
export const withFormerNames = (observed: readonly Observed[], host: string): Observed[] => {
  const events = observed.flatMap(({ fact }) => (fact.kind === "event" ? [fact] : []));
  const own = new Set(
    [...Map.groupBy(events, (it) => it.channel?.toLowerCase() ?? "")]
      .filter(([channel, log]) => channel !== "" && channel !== FORWARDED && isLogOf(log, host))
      .map(([channel]) => channel),
  );
  return observed.map((it) =>
    it.fact.kind === "event" && own.has(it.fact.channel?.toLowerCase() ?? "")
      ? { ...it, ...underPresentName(it.fact, host) }
      : it,
  );
};

const isLogOf = (log: readonly EventFact[], host: string): boolean => {
  const seen = new Set<string>();
  let name = "";
  let record = -1;
  for (const { computer, recordId } of log) {
    if (recordId === undefined || recordId <= record) return false;
    record = recordId;
    const next = computer.toLowerCase();
    if (next !== name && seen.has(next)) return false;
    name = next;
    seen.add(name);
  }
  return name === host;
};
