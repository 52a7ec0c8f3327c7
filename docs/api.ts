import type { ComputersQuery } from "../collector/api/computers.ts";
import type { EventsQuery } from "../collector/api/events.ts";
import type { ApiQueries } from "../collector/api/queries.ts";
import { EVENT_NAMES } from "../licensing/events/names.ts";
import { CHANNELS, STATUSES } from "../licensing/license.ts";
import { exampleAnswers } from "./api-examples.ts";
import * as members from "./api-members.ts";
import { compactTable } from "./markdown-table.ts";

/** The name of each parameter and its meaning, by the member of the query that it sets. */
type Parameters<Query> = { readonly [Member in keyof Query]-?: readonly [name: string, meaning: string] };
type Meanings = Readonly<Record<string, string>>;

interface Route {
  readonly path: string;
  readonly title: string;
  readonly parameters?: Readonly<Record<string, readonly [name: string, meaning: string]>>;
  /** The members of one item or of the whole answer, then those of what it holds. */
  readonly members: Readonly<Record<string, Meanings>>;
  /** What is asked in the example; absent where the list of the same items has one. */
  readonly example?: string;
}

const words = (values: readonly string[]): string => values.map((it) => `\`${it}\``).join(", ");
const LIMIT = ["limit", "items of one page, 1 to 1000; 100 unless given"] as const;
const CURSOR = ["cursor", "`next_cursor` of the page before"] as const;

const computers: Parameters<ComputersQuery> = {
  zone: ["zone", "computers of this zone"],
  status: ["status", `with a license in this status: ${words(STATUSES)}`],
  channel: ["channel", `with a license of this channel: ${words(CHANNELS)}`],
  deadlineBefore: ["deadline_before", "ISO 8601 time: computers whose deadline is earlier, in the order of deadlines"],
  q: ["q", "part of the name"],
  limit: LIMIT,
  cursor: CURSOR,
};
const events: Parameters<EventsQuery> = {
  computer: ["computer", "events of this computer"],
  event: ["event", words(EVENT_NAMES)],
  since: ["since", "ISO 8601 time: events from then on"],
  limit: LIMIT,
  cursor: CURSOR,
};

const LANGUAGE = { lang: ["lang", "language of the sentences: `en` (unless given) or `ja`"] } as const;
const timelineMembers = {
  "`diagnosis`": members.diagnosisItem,
  "an element of `items`": members.timelineItem,
};

/** Every query of the API with its route; a query without one does not compile. */
export const ROUTES: { readonly [Query in keyof ApiQueries]: Route } = {
  "kms-hosts": {
    path: "/api/v1/kms-hosts",
    title: "KMS hosts: one item for each host and product family.",
    members: { "an item": members.kmsHostItem, "an element of `thresholds`": members.threshold },
    example: "/api/v1/kms-hosts",
  },
  "kms-host": {
    path: "/api/v1/kms-hosts/:host",
    title: "One KMS host with its clients, keys and refusals; 404 if it is not known.",
    members: { "the answer": members.kmsHostDetail, "an element of `table`": members.tableClient },
    example: "/api/v1/kms-hosts/kms01.contoso.com",
  },
  "kms-host-timeline": {
    path: "/api/v1/kms-hosts/:host/timeline",
    title: "What happened to a KMS host, and what follows from it; 404 if it is not known.",
    parameters: LANGUAGE,
    members: { "the answer": members.kmsHostTimeline, ...timelineMembers },
    example: "/api/v1/kms-hosts/kms01.contoso.com/timeline",
  },
  computers: {
    path: "/api/v1/computers",
    title: "Computers, in the order of their names.",
    parameters: computers,
    members: { "an item": members.computerItem, "an element of `licenses`": members.licenseItem },
    example: "/api/v1/computers?q=pc&limit=1",
  },
  computer: {
    path: "/api/v1/computers/:host",
    title: "One computer, as an item of `/api/v1/computers`; 404 if it is not known.",
    members: {},
  },
  "computer-timeline": {
    path: "/api/v1/computers/:host/timeline",
    title: "What happened to a computer, from both sides, and what follows from it; 404 if it is not known.",
    parameters: LANGUAGE,
    members: { "the answer": members.computerTimeline },
  },
  events: {
    path: "/api/v1/events",
    title: "Stored events, oldest first. An item is a normalised event: [events.md](events.md).",
    parameters: events,
    members: {},
    example: "/api/v1/events?event=kms_request_processed&limit=1",
  },
  probes: {
    path: "/api/v1/probes",
    title: "The newest result of each probe.",
    members: { "an item": members.probeItem },
    example: "/api/v1/probes",
  },
  recommendations: {
    path: "/api/v1/recommendations",
    title: "KMS hosts that the planning guide's Table 1 asks for: one item for each configured zone.",
    members: { "an item": members.recommendationItem },
    example: "/api/v1/recommendations",
  },
  worksheet: {
    path: "/api/v1/worksheet",
    title:
      "The planning guide's Table 2: one item for each configured zone. `problem` says what is wrong with the inventory file.",
    members: { "an item": members.worksheetItem },
    example: "/api/v1/worksheet",
  },
  collector: {
    path: "/api/v1/collector",
    title: "The collector itself: what is wrong with it, and how full it is.",
    members: { "the answer": members.collectorItem, "an element of `limits`": members.limit },
    example: "/api/v1/collector",
  },
};

/** Not a query: the web server answers it itself, also while the engine starts. */
const REFUSALS: Route = {
  path: "/api/v1/refusals",
  title: "Senders whose requests were refused, the newest first; of one collector, since its start, 100 at most.",
  members: { "an item": members.refusedSender },
};

/** Every route of the API. */
export const API: readonly Route[] = [...Object.values(ROUTES), REFUSALS];

const memberTable = (of: string, meanings: Meanings): string =>
  compactTable(
    [`member of ${of}`, "meaning"],
    Object.entries(meanings).map(([name, it]) => [`\`${name}\``, it]),
  );

const section = ({ path, title, parameters, members: tables, example }: Route, answers: ReadonlyMap<string, string>) =>
  [
    `## GET ${path.replace(":host", "HOST")}`,
    title,
    ...(parameters
      ? [
          compactTable(
            ["parameter", "meaning"],
            Object.values(parameters).map(([name, it]) => [`\`${name}\``, it]),
          ),
        ]
      : []),
    ...Object.entries(tables).map(([of, it]) => memberTable(of, it)),
    ...(example ? [`\`GET ${example}\``, `\`\`\`json\n${answers.get(example)}\n\`\`\``] : []),
  ].join("\n\n");

/** docs/api.md: every route with its parameters, the members of its answer, and an example. */
export const apiPage = async (): Promise<string> => {
  const answers = await exampleAnswers();
  return `# API

JSON over HTTP on port 9688, \`GET\` only. This page is written by \`npm run docs\`.

- Lists are \`{"items": […], "next_cursor": …}\`. Ask again with \`cursor\` until \`next_cursor\` is \`null\`: one request looks at a bounded number of
  rows, so a page may have fewer items than \`limit\`, or none, before the end.
- Times are ISO 8601, UTC. Members that do not apply are absent.
- Errors are problem documents (RFC 9457, \`application/problem+json\`): \`{"type": "about:blank", "title": "Not found", "status": 404, "detail": …}\`. A wrong
  parameter is 400, and \`detail\` lists all mistakes. 503 means that the collector is starting.
- With \`http.basic_auth\` the API needs its login, with \`http.tls.client_ca_file\` a client certificate.
- The meaning of counts, deadlines and health: [counting-rules.md](counting-rules.md).

${memberTable("a list", members.page)}

The examples are answers about the simulated fleet of 120 computers. Their lists are cut to the first element.

${API.map((it) => section(it, answers)).join("\n\n")}
`;
};
