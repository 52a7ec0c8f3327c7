import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { describeIssue } from "../../config/issues.ts";
import { EVENT_NAMES, type EventName } from "../../licensing/events/names.ts";
import { CHANNELS, STATUSES } from "../../licensing/license.ts";
import { DEADLINE_CURSOR } from "../api/computers.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { Problem } from "./problem.ts";

const LIMIT_MAX = 1_000;
const limit = z.coerce.number(`write a whole number from 1 to ${LIMIT_MAX}`).int().min(1).max(LIMIT_MAX).default(100);
const instant = z
  .string()
  .refine((it) => !Number.isNaN(Date.parse(it)), "write a time as ISO 8601, e.g. 2026-11-20T08:00:00Z")
  .transform((it) => Date.parse(it));
const host = z
  .string()
  .min(1)
  .max(253)
  .transform((it) => it.toLowerCase().replace(/\.$/, ""));

/** The parameters of the list of computers. */
export const computersQuery = z
  .strictObject({
    zone: z.string().max(100).optional(),
    status: z.enum(STATUSES).optional(),
    channel: z.enum(CHANNELS).optional(),
    deadline_before: instant.optional(),
    q: z.string().max(253).optional(),
    limit,
    cursor: z.string().max(300).optional(),
  })
  .refine((it) => it.deadline_before === undefined || it.cursor === undefined || DEADLINE_CURSOR.test(it.cursor), {
    path: ["cursor"],
    message: "give next_cursor back as it came",
  });
const eventsQuery = z.strictObject({
  computer: host.optional(),
  event: z.enum(EVENT_NAMES as [EventName, ...EventName[]]).optional(),
  since: instant.optional(),
  limit,
  cursor: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "give next_cursor back as it came")
    .optional(),
});

const inLanguage = z.strictObject({ lang: z.enum(["en", "ja"]).optional() });

/** How the API asks the engine. */
export type Ask = EngineClient["ask"];

/** The JSON API: parameters are checked, and every mistake in them is reported at once. */
export const addApi = (app: FastifyInstance, ask: Ask): void => {
  const lists = ["kms-hosts", "probes", "recommendations", "worksheet", "collector"] as const;
  for (const name of lists)
    app.get(`/api/v1/${name}`, (request) => {
      read(z.strictObject({}), request.query);
      return ask({ ask: name });
    });
  app.get("/api/v1/kms-hosts/:host", async (request) => {
    const name = read(host, (request.params as { host: string }).host);
    return found(await ask({ ask: "kms-host", host: name }), `No KMS host ${name} is known.`);
  });
  app.get("/api/v1/kms-hosts/:host/timeline", async (request) => {
    const name = read(host, (request.params as { host: string }).host);
    const { lang: language } = read(inLanguage, request.query);
    return found(await ask({ ask: "kms-host-timeline", host: name, language }), `No KMS host ${name} is known.`);
  });
  app.get("/api/v1/computers/:host/timeline", async (request) => {
    const name = read(host, (request.params as { host: string }).host);
    const { lang: language } = read(inLanguage, request.query);
    return found(await ask({ ask: "computer-timeline", host: name, language }), `No computer ${name} is known.`);
  });
  app.get("/api/v1/computers", (request) => {
    const { deadline_before: deadlineBefore, ...query } = read(computersQuery, request.query);
    return ask({ ask: "computers", ...query, deadlineBefore });
  });
  app.get("/api/v1/computers/:host", async (request) => {
    const name = read(host, (request.params as { host: string }).host);
    return found(await ask({ ask: "computer", host: name }), `No computer ${name} is known.`);
  });
  app.get("/api/v1/events", (request) => {
    const { since = 0, ...query } = read(eventsQuery, request.query);
    return ask({ ask: "events", since, ...query });
  });
};

/** @throws Problem 404 */
const found = <T>(answer: T | undefined, missing: string): T => {
  if (answer === undefined) throw new Problem(404, missing);
  return answer;
};

/** @throws Problem 400 that names every mistake */
export const read = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((it) =>
    it.code === "unrecognized_keys"
      ? `${it.keys.join(", ")}: no such parameter`
      : `${it.path.join(".") || "value"}: ${it.message}`,
  );
  throw new Problem(400, mistakes.join("; "));
};
