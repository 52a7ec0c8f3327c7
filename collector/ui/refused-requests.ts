import { type Instant, utcMinute } from "../../licensing/time.ts";
import { html } from "./html.ts";

/** The requests that were refused for one cause since the collector started. */
export interface RefusedRequests {
  readonly cause: string;
  readonly requests: number;
  /** Of the last one: the sender's address, the time, and what the sender was told. */
  readonly address: string;
  readonly last: Instant;
  readonly detail: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Which requests the collector refused, and what helps; empty where there are none. */
export const refusedSection = (refused: readonly RefusedRequests[]): string =>
  refused.length === 0
    ? ""
    : `<section class="refused"><h2>Refused requests</h2>
<table><thead><tr><th>Cause</th><th>Requests</th><th>Last sender</th><th>What to do</th></tr></thead>
<tbody>${refused.map(row).join("")}</tbody></table>
<p class="dim">Since the collector started · <a href="/api/v1/refusals">Senders</a></p></section>`;

const row = ({ cause, requests, address, last, detail, remedy }: RefusedRequests): string =>
  `<tr><th>${html(cause.replaceAll("_", " "))}</th><td>${requests}</td><td>${html(address)} <small>${utcMinute(last)}</small></td><td>${html(remedy)} <small>${html(detail)}</small></td></tr>`;
