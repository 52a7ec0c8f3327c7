import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { describeIssue } from "../../config/issues.ts";
import { EVENT_NAMES, type EventName } from "../../licensing/events/names.ts";
import { CHANNELS, STATUSES } from "../../licensing/license.ts";
import type { Question } from "../api/queries.ts";
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

const computersQuery = z.strictObject({
  zone: z.string().max(100).optional(),
  status: z.enum(STATUSES).optional(),
  channel: z.enum(CHANNELS).optional(),
  deadline_before: instant.optional(),
  q: z.string().max(253).optional(),
  limit,
  cursor: z.string().max(253).optional(),
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

/** The JSON API: questions in, answers out; what is asked wrongly is told with every mistake. */
export const addApi = (app: FastifyInstance, engine: EngineClient): void => {
  const answer = async (question: Question, missing?: string): Promise<object> => {
    const found = await engine.ask(question);
    if (found === undefined) throw new Problem(404, missing ?? "There is nothing here.");
    return found;
  };
  app.get("/api/v1/kms-hosts", (request) => {
    read(z.strictObject({}), request.query);
    return answer({ ask: "kms-hosts" });
  });
  app.get("/api/v1/kms-hosts/:host", (request) => {
    const name = read(host, (request.params as { host: string }).host);
    return answer({ ask: "kms-host", host: name }, `No KMS host ${name} is known.`);
  });
  app.get("/api/v1/probes", (request) => {
    read(z.strictObject({}), request.query);
    return answer({ ask: "probes" });
  });
  app.get("/api/v1/recommendations", (request) => {
    read(z.strictObject({}), request.query);
    return answer({ ask: "recommendations" });
  });
  app.get("/api/v1/worksheet", (request) => {
    read(z.strictObject({}), request.query);
    return answer({ ask: "worksheet" });
  });
  app.get("/api/v1/computers", (request) => {
    const { deadline_before: deadlineBefore, ...query } = read(computersQuery, request.query);
    return answer({ ask: "computers", ...query, ...(deadlineBefore !== undefined && { deadlineBefore }) } as Question);
  });
  app.get("/api/v1/computers/:host", (request) => {
    const name = read(host, (request.params as { host: string }).host);
    return answer({ ask: "computer", host: name }, `No computer ${name} is known.`);
  });
  app.get("/api/v1/events", (request) => {
    const { since = 0, ...query } = read(eventsQuery, request.query);
    return answer({ ask: "events", since, ...query } as Question);
  });
};

const read = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((it) =>
    it.code === "unrecognized_keys"
      ? `${it.keys.join(", ")}: no such parameter`
      : `${it.path.join(".") || "value"}: ${it.message}`,
  );
  throw new Problem(400, mistakes.join("; "));
};
