import type { AnyValue, LogGroup, LogRecord, LogsRequest } from "../../otlp/logs.ts";
import type { Outcomes, RecordOutcome } from "../ingest/accepted-record.ts";
import type { Submitted } from "./messages.ts";

/** One transaction takes so much of one request: some 50 ms. */
const RECORDS_MAX = 500;
const VALUES_MAX = 20_000;

/** A request's records in their order, cut into parts of which each is a transaction's work. */
export const partsOf = (request: LogsRequest): LogsRequest[] => {
  const parts: LogGroup[][] = [];
  let part: LogGroup[] = [];
  let records = 0;
  let values = 0;
  for (const { resource, scope, records: all } of request) {
    let from = 0;
    all.forEach((record, i) => {
      const size = valuesOf(record);
      if (records > 0 && (records >= RECORDS_MAX || values + size > VALUES_MAX)) {
        if (i > from) part.push({ resource, scope, records: all.slice(from, i) });
        parts.push(part);
        [part, from, records, values] = [[], i, 0, 0];
      }
      records += 1;
      values += size;
    });
    part.push({ resource, scope, records: all.slice(from) });
  }
  if (part.length > 0 || parts.length === 0) parts.push(part);
  return parts;
};

const valuesOf = ({ body, attributes }: LogRecord): number => valuesIn(body) + valuesIn(attributes);

const valuesIn = (value: AnyValue): number => {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  let values = 1;
  if (Array.isArray(value)) for (const it of value as readonly AnyValue[]) values += valuesIn(it);
  else for (const key in value) values += valuesIn((value as Readonly<Record<string, AnyValue>>)[key]!);
  return values;
};

/** What its sender is told of a request, by what became of its parts. One that was not stored is told at once. */
export const joined = (parts: readonly Submitted[]): Submitted => {
  const refused = parts.find((it) => it.outcome !== "stored");
  if (refused) return refused;
  const receipts = parts.flatMap((it) => (it.outcome === "stored" ? [it.receipt] : []));
  const message = receipts.find((it) => it.message !== undefined)?.message;
  const outcomes: Outcomes = {};
  for (const it of receipts)
    for (const [name, count] of Object.entries(it.outcomes ?? {}))
      outcomes[name as RecordOutcome] = (outcomes[name as RecordOutcome] ?? 0) + count;
  return {
    outcome: "stored",
    receipt: {
      rejected: receipts.reduce((sum, it) => sum + it.rejected, 0),
      ...(message !== undefined && { message }),
      ...(receipts.some((it) => it.outcomes) && { outcomes }),
    },
  };
};
