import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DAY } from "../../licensing/time.ts";
import { CSV_HEAD, csvLines } from "../ui/computers-csv.ts";
import { messagePage, type PageContext } from "../ui/layout.ts";
import { isLanguage, languageFor, TEXTS } from "../ui/locales/languages.ts";
import { computerPage } from "../ui/pages/computer-page.ts";
import { type ComputerList, computersPage } from "../ui/pages/computers-page.ts";
import { type Addresses, connectPage } from "../ui/pages/connect-page.ts";
import { DEADLINE_DAYS, type DeadlineDays, deadlinesPage } from "../ui/pages/deadlines-page.ts";
import { failuresPage } from "../ui/pages/failures-page.ts";
import { kmsHostPage } from "../ui/pages/kms-host-page.ts";
import { pipelinePage } from "../ui/pages/pipeline-page.ts";
import { privacyPage } from "../ui/pages/privacy-page.ts";
import { noAlertPage, runbookAlertPage, runbookPage } from "../ui/pages/runbook-page.ts";
import { statusPage } from "../ui/pages/status-page.ts";
import { timeZonePage } from "../ui/pages/time-zone-page.ts";
import { worksheetPage } from "../ui/pages/worksheet-page.ts";
import { type TimeZone, timeZoneOf, UTC } from "../ui/time-zone.ts";
import type { AlertmanagerClient } from "./alertmanager-client.ts";
import { type Ask, computersQuery, read } from "./api-routes.ts";
import { Problem } from "./problem.ts";
import type { RefusalLog } from "./refusal-log.ts";

export interface PageOptions {
  readonly version: string;
  /** The addresses by which others reach this collector, by the `Host` header of a request. */
  readonly addresses: (hostHeader: string | undefined) => Addresses;
  /** Undefined where no Alertmanager is configured. */
  readonly alertmanager: Pick<AlertmanagerClient, "alertsOf"> | undefined;
  /** Grafana's address, where one is configured. */
  readonly grafana: string | undefined;
  /** What the administrator accepted against the rules. */
  readonly warnings: readonly string[];
  readonly refusals: RefusalLog;
}
type Pages = PageOptions & { readonly ask: Ask };

/** Computers of one page. */
const PAGE_SIZE = 50;
/** One page looks through so many pieces of the list at most (each some 2,000 computers), then offers to go on. */
const LOOKS_MAX = 10;
const CSV_PIECE = 500;

/** The pages, in the reader's language. */
export const addPages = (app: FastifyInstance, options: Pages): void => {
  const { ask, warnings, refusals, addresses, alertmanager } = options;
  const page = (
    path: string,
    render: (request: FastifyRequest, context: PageContext, reply: FastifyReply) => unknown,
  ) =>
    app.get(path, async (request, reply) => {
      const context = contextOf(request, reply, options);
      const answer = await Promise.resolve()
        .then(() => render(request, context, reply))
        .catch((cause: unknown) => problemPage(cause, context, reply));
      if (typeof answer !== "string") return answer;
      return reply.type("text/html; charset=utf-8").header("vary", "accept-language, cookie").send(answer);
    });

  page("/", async ({ headers }, context) =>
    statusPage(await ask({ ask: "kms-hosts", language: context.language }), context, {
      fleet: await ask({ ask: "overview" }),
      addresses: addresses(headers.host),
      warnings: [...warnings, ...(await ask({ ask: "collector", language: context.language })).findings],
      refused: refusals.causes(),
    }),
  );
  page("/connect", ({ headers }, context) => connectPage(addresses(headers.host), context));
  page("/privacy", (_, context) => privacyPage(context));
  page("/runbook", (_, context) => runbookPage(context));
  page("/runbook/:alert", ({ params }, context, reply) => {
    const found = runbookAlertPage(context, (params as { alert: string }).alert);
    if (found === undefined) reply.code(404);
    return found ?? noAlertPage(context);
  });
  page("/kms-hosts/:host", async (request, context, reply) => {
    const name = nameOf(request);
    const host = await ask({ ask: "kms-host", host: name, language: context.language });
    if (host) {
      const [probes, alerts, timeline] = await Promise.all([
        ask({ ask: "probes" }),
        alertmanager?.alertsOf(name),
        ask({ ask: "kms-host-timeline", host: name, language: context.language }),
      ]);
      const answer = alertmanager ? ({ asked: true, alerts } as const) : ({ asked: false } as const);
      return kmsHostPage(host, { probes: probes.items, alerts: answer, timeline }, context);
    }
    reply.code(404);
    return messagePage(context, context.t.notFound, context.t.noKmsHost(name));
  });
  page("/computers/:host", async (request, context, reply) => {
    const name = nameOf(request);
    const computer = await ask({ ask: "computer", host: name });
    const timeline = computer && (await ask({ ask: "computer-timeline", host: name, language: context.language }));
    if (computer && timeline) return computerPage(computer, timeline, context);
    reply.code(404);
    return messagePage(context, context.t.notFound, context.t.noComputer(name));
  });
  page("/computers", async ({ query }, context, reply) => {
    const { lang: _, format, ...parameters } = query as Record<string, string>;
    // An empty field of the form is no filter.
    const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ""));
    const { q, zone, status, channel, cursor } = read(computersQuery, given);
    const filters = { q, zone, status, channel };
    if (format === "csv")
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="computers.csv"')
        .send(Readable.from(csv(ask, filters), { objectMode: false }));
    const list = await filled((next) => ask({ ask: "computers", ...filters, limit: PAGE_SIZE, cursor: next }), cursor);
    const zones = (await ask({ ask: "worksheet" })).items.map((it) => it.zone);
    return computersPage(list, { filters, zones, isFirst: cursor === undefined }, context);
  });
  page("/deadlines", async ({ query }, context) => {
    const { days: wanted, cursor } = query as Record<string, string>;
    const days: DeadlineDays = DEADLINE_DAYS.find((it) => String(it) === wanted) ?? 30;
    // Parameters are checked as the API checks them.
    const { deadline_before: deadlineBefore } = read(computersQuery, {
      deadline_before: new Date(context.now + days * DAY).toISOString(),
      ...(cursor !== undefined && { cursor }),
    });
    const list = await ask({ ask: "computers", deadlineBefore, limit: PAGE_SIZE, cursor });
    return deadlinesPage(list, { days, isFirst: cursor === undefined }, context);
  });
  page("/failures", async (_, context) => failuresPage(await ask({ ask: "failures" }), context));
  page("/worksheet", async (_, context) => {
    const { language } = context;
    const { items } = await ask({ ask: "recommendations", language });
    return worksheetPage(await ask({ ask: "worksheet", language }), items, context);
  });
  page("/time-zone", ({ query }, context, reply) => {
    const { name, back } = query as { name?: unknown; back?: unknown };
    const path = ownPath(back);
    const chosen = typeof name === "string" ? timeZoneOf(name) : undefined;
    if (name !== undefined && !chosen) throw new Problem(400, "The time zone database has no zone of this name.");
    if (!chosen) return timeZonePage(path, context);
    return reply.header("set-cookie", cookie("zone", encodeURIComponent(chosen.name))).redirect(path, 303);
  });
  page("/pipeline", async (_, context) =>
    pipelinePage(
      await ask({ ask: "pipeline" }),
      { refused: refusals.causes(), collector: await ask({ ask: "collector", language: context.language }) },
      context,
    ),
  );
};

/** What was asked for wrongly, and that the collector is starting, as a page. */
const problemPage = (cause: unknown, context: PageContext, reply: FastifyReply): string => {
  if (!(cause instanceof Problem)) throw cause;
  const { status, message } = cause;
  const { t } = context;
  reply.code(status);
  return status === 503
    ? messagePage(context, t.starting, t.startingText)
    : messagePage(context, t.wrongParameter, message);
};

const LANGUAGE_COOKIE = /(?:^|;\s*)lang=(\w{2})(?:;|$)/;
const ZONE_COOKIE = /(?:^|;\s*)zone=([\w%+-]{1,100})(?:;|$)/;
const YEAR_SECONDS = 31_536_000;
const cookie = (name: string, value: string): string =>
  `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Strict; HttpOnly`;

/** A path of this collector, so that a link cannot lead a reader elsewhere; else the overview. */
const ownPath = (back: unknown): string =>
  typeof back === "string" && back.length <= 2_000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(back) && !back.includes("\\")
    ? back
    : "/";

/** The zone that a reader chose on `/time-zone`; UTC until then. */
const keptTimeZone = (cookies = ""): TimeZone => {
  const kept = ZONE_COOKIE.exec(cookies)?.[1];
  if (kept === undefined) return UTC;
  try {
    return timeZoneOf(decodeURIComponent(kept)) ?? UTC;
  } catch {
    return UTC;
  }
};

/** A language that was chosen by `?lang=` is kept in a cookie, so that links need not carry it. */
const contextOf = (
  { query, headers, url }: FastifyRequest,
  reply: FastifyReply,
  { version, grafana }: PageOptions,
): PageContext => {
  const { lang } = query as { lang?: unknown };
  const kept = LANGUAGE_COOKIE.exec(headers.cookie ?? "")?.[1];
  const language = languageFor(lang, kept, headers["accept-language"]);
  if (isLanguage(lang)) reply.header("set-cookie", cookie("lang", lang));
  const timeZone = keptTimeZone(headers.cookie);
  return { language, t: TEXTS[language], url, version, now: Date.now(), timeZone, grafana };
};

const nameOf = ({ params }: FastifyRequest): string =>
  (params as { host: string }).host.slice(0, 253).toLowerCase().replace(/\.$/, "");

/** The list goes on until something matches or enough was looked at. */
const filled = async (
  ask: (cursor: string | undefined) => Promise<ComputerList>,
  from: string | undefined,
): Promise<ComputerList> => {
  let list = await ask(from);
  for (let looks = 1; looks < LOOKS_MAX && list.items.length === 0 && list.next_cursor !== null; looks += 1)
    list = await ask(list.next_cursor);
  return list;
};

async function* csv(ask: Ask, filters: object): AsyncGenerator<string> {
  yield CSV_HEAD;
  let cursor: string | undefined;
  do {
    const list: ComputerList = await ask({ ask: "computers", ...filters, limit: CSV_PIECE, cursor });
    yield list.items.map(csvLines).join("");
    cursor = list.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
