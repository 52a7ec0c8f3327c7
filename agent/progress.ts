import type { ChannelProgress, HeartbeatFact } from "../licensing/fact.ts";
import { type Instant, iso, SECOND } from "../licensing/time.ts";
import type { Read } from "./source.ts";
import type { Spool } from "./spool.ts";

/** How far everything was read, and what fails: what the heartbeats tell. */
export interface Progress {
  succeeded(source: string, read: Read): void;
  failed(source: string, cause: Error): void;
  /** Computers of which something was read. */
  hosts(): string[];
  heartbeat(host: string, spool: Spool, about: { now: Instant; intervalMs: number; own: boolean }): HeartbeatFact;
}

interface Channel {
  readUntil: Instant;
  oldest: Instant | undefined;
}

export const newProgress = (onFailure: (source: string, cause: Error) => void): Progress => {
  const channels = new Map<string, Map<string, Channel>>();
  const failing = new Map<string, number>();
  let gaps = 0;
  return {
    succeeded: (source, read) => {
      failing.delete(source);
      gaps += read.gaps ?? 0;
      for (const { host, channel, at, oldest } of read.readUntil ?? []) {
        const of = channels.get(host) ?? new Map<string, Channel>();
        const known = of.get(channel);
        of.set(channel, {
          readUntil: Math.max(known?.readUntil ?? at, at),
          oldest: known?.oldest === undefined ? oldest : Math.min(known.oldest, oldest ?? known.oldest),
        });
        channels.set(host, of);
      }
    },
    failed: (source, cause) => {
      const times = (failing.get(source) ?? 0) + 1;
      failing.set(source, times);
      // Once is enough; the heartbeat tells that it goes on.
      if (times === 1) onFailure(source, cause);
    },
    hosts: () => [...channels.keys()],
    heartbeat: (host, spool, { now, intervalMs, own }) => ({
      kind: "heartbeat",
      channels: Object.fromEntries(
        [...(channels.get(host) ?? [])].map(([name, it]): [string, ChannelProgress] => [
          name,
          { readUntil: iso(it.readUntil), ...(it.oldest !== undefined && { oldest: iso(it.oldest) }), gaps },
        ]),
      ),
      // The agent's own state travels once, with its own computer.
      spooledRecords: own ? spool.depth : 0,
      oldestUnsentSeconds: own && spool.oldestAt !== undefined ? Math.max(0, (now - spool.oldestAt) / SECOND) : 0,
      droppedRecords: own ? spool.dropped : {},
      failingSources: own ? Object.fromEntries(failing) : {},
      sentAt: iso(now),
      intervalSeconds: intervalMs / SECOND,
    }),
  };
};
