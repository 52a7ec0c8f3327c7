import { normalise } from "../../licensing/events/normalise.ts";
import type { EventFact } from "../../licensing/facts.ts";
import { HOUR } from "../../licensing/time.ts";
import type { Running } from "../support/collector.ts";
import { KMS01, request, seriesOf } from "../support/facts.ts";

const BEGIN = Date.now() - 6 * HOUR;

/** The request with this number, from a client of its own. */
export const numbered = (n: number): EventFact => request({ at: BEGIN + n * 10, client: n, recordId: n });

/** The same as one line of a recorded log. */
export const lineOf = (n: number): string => `${JSON.stringify(normalise(numbered(n)))}\n`;

interface Listed {
  readonly items: readonly { readonly client_fqdn: string }[];
  readonly next_cursor: string | null;
}

/** The numbers of all requests that a collector has stored, as its API lists them. */
export const storedNumbers = async ({ webUrl }: Running): Promise<number[]> => {
  const numbers: number[] = [];
  const since = new Date(BEGIN - HOUR).toISOString();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query = `since=${since}&limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await (await fetch(`${webUrl}/api/v1/events?${query}`)).json()) as Listed;
    numbers.push(...page.items.map((it) => Number(/^pc(\d+)\./.exec(it.client_fqdn)![1])));
    cursor = page.next_cursor;
  }
  return numbers;
};

/** How many requests to a KMS host the collector has counted. */
export const countedRequests = async ({ webUrl }: Running, host = KMS01): Promise<number> => {
  const series = seriesOf(await (await fetch(`${webUrl}/metrics`)).text());
  let sum = 0;
  for (const [key, value] of series)
    if (key.startsWith(`activation_kms_requests_total{kms_host="${host}"`)) sum += value;
  return sum;
};
