import { type Clock, DAY, type Instant, SECOND } from "../../licensing/time.ts";
import { bookmarkObject } from "../sources/bookmarks.ts";
import type { Read, Source } from "../sources/source.ts";
import { requestFact } from "./facts.ts";
import { computerAt } from "./fleet.ts";

const CHANNEL = "Key Management Service";
/** What a KMS host must count before it activates client Windows. */
const NEEDED = 25;
/** A KMS host forgets a client after this. */
const FORGOTTEN_AFTER = 30 * DAY;

/**
 * A fire drill: a KMS host whose 25th freshest client asked almost 30 days ago. It falls below its threshold `falls_in` after
 * the first start and recovers `recovers_after` later, so that everything from the agent to the page can be tried in real
 * time. The same for the same start; after a restart it goes on where it was.
 */
export const simulatedSource = (kmsHost: string, drill: Drill, clock: Clock): Source => ({
  name: `simulated ${kmsHost}`,
  read: async (bookmark): Promise<Read> => {
    const now = clock();
    const { start, read } = placeIn(bookmark) ?? { start: now, read: 0 };
    const due = requests(start, drill).filter((it) => it.at <= now);
    return {
      facts: due.slice(read).map(({ client, at }, i) => ({
        host: kmsHost,
        observedAt: now,
        fact: requestFact({ ...clientOf(client), kmsHost }, at, read + i + 1),
      })),
      bookmark: JSON.stringify({ start, read: due.length } satisfies Place),
      readUntil: [{ host: kmsHost, channel: CHANNEL, at: now, oldest: due[0]!.at }],
    };
  },
});

/** Milliseconds. */
interface Drill {
  readonly falls_in: number;
  readonly recovers_after: number;
}

interface Place {
  readonly start: Instant;
  /** How many requests of the drill have been read. */
  readonly read: number;
}

const placeIn = (bookmark: string | undefined): Place | undefined => {
  const { start, read } = bookmarkObject(bookmark) ?? {};
  return Number.isSafeInteger(start) && Number.isSafeInteger(read)
    ? { start: Number(start), read: Number(read) }
    : undefined;
};

/** In the order of their time: one client that is forgotten already, the one that decides, the others, and the two that come back. */
const requests = (start: Instant, drill: Drill): { readonly client: number; readonly at: Instant }[] => {
  const falls = start + drill.falls_in;
  const back = falls + drill.recovers_after;
  return [
    { client: 0, at: start - FORGOTTEN_AFTER - DAY },
    { client: 1, at: falls - FORGOTTEN_AFTER },
    ...Array.from({ length: NEEDED - 1 }, (_, i) => ({ client: i + 2, at: start - DAY + i * SECOND })),
    { client: 0, at: back },
    { client: 1, at: back },
  ];
};

/** The first thirty of a hundred stand in the lab, where some are clones. */
const clientOf = (index: number) => ({ ...computerAt(0, 30 + index), role: "client" as const, skew: 0 });
