import type { ChannelProgress, HeartbeatFact } from "../../licensing/facts.ts";
import { type Instant, iso, SECOND } from "../../licensing/time.ts";
import type { Spool } from "../spool/spool.ts";
import type { Read } from "./source.ts";

/** How far everything was read, and what fails: what the heartbeats tell. */
export interface Progress {
  succeeded(source: string, read: Read): void;
  /** `label` is what the heartbeat calls it, the same for many computers. */
  failed(source: string, cause: Error, label?: string): void;
  /** Computers of which something was read. */
  hosts(): string[];
  heartbeat(host: string, spool: Spool, about: { now: Instant; intervalMs: number; own: boolean }): HeartbeatFact;
}

interface Channel {
  readUntil: Instant;
  oldest: Instant | undefined;
  gaps: number;
}

/** `tell` is what an administrator reads; a failure that goes on is told once, and again after it was over. */
export const newProgress = (tell: (source: string, what: string) => void): Progress => {
  const channels = new Map<string, Map<string, Channel>>();
  const failing = new Map<string, { label: string; times: number }>();
  return {
    succeeded: (name, read) => {
      if (failing.delete(name)) tell(name, "works again");
      for (const it of read.warnings ?? []) tell(name, it);
      for (const { host, channel, at, oldest, gaps } of read.readUntil ?? []) {
        const of = channels.get(host) ?? new Map<string, Channel>();
        const known = of.get(channel);
        const now = gaps ?? (known?.gaps ?? 0) + (read.gaps ?? 0);
        // After a gap what was known before it is of no use.
        const before = known && now > known.gaps ? undefined : known?.oldest;
        of.set(channel, {
          readUntil: Math.max(known?.readUntil ?? at, at),
          oldest: before === undefined ? oldest : Math.min(before, oldest ?? before),
          gaps: now,
        });
        channels.set(host, of);
      }
    },
    failed: (name, cause, label = name) => {
      const times = (failing.get(name)?.times ?? 0) + 1;
      failing.set(name, { label, times });
      if (times === 1) tell(name, cause.message);
    },
    hosts: () => [...channels.keys()],
    heartbeat: (host, spool, { now, intervalMs, own }) => ({
      kind: "heartbeat",
      channels: Object.fromEntries(
        [...(channels.get(host) ?? [])].map(([name, it]): [string, ChannelProgress] => [
          name,
          { readUntil: iso(it.readUntil), ...(it.oldest !== undefined && { oldest: iso(it.oldest) }), gaps: it.gaps },
        ]),
      ),
      // The agent's own state travels once, with its own computer.
      spooledRecords: own ? spool.depth : 0,
      oldestUnsentSeconds: own && spool.oldestAt !== undefined ? Math.max(0, (now - spool.oldestAt) / SECOND) : 0,
      droppedRecords: own ? spool.dropped : {},
      failingSources: own ? byLabel(failing.values()) : {},
      sentAt: iso(now),
      intervalSeconds: intervalMs / SECOND,
    }),
  };
};

const byLabel = (failing: Iterable<{ label: string; times: number }>): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { label, times } of failing) sums[label] = (sums[label] ?? 0) + times;
  return sums;
};
