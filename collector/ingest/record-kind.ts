import type { Fact } from "../../licensing/facts.ts";
import type { Reading } from "../../licensing/telemetry/otlp-mapping.ts";
import type { LogRecord } from "../../otlp/logs.ts";
import type { Kind } from "./accepted-record.ts";

/** For the count of records: by what it is, or, where it is nothing, by what its name claims. */
export const kindOf = (record: LogRecord, reading: Reading): Kind => {
  const kind: Fact["kind"] | undefined = reading.outcome === "fact" ? reading.fact.kind : undefined;
  if (kind) return kind;
  const claimed = {
    "windows.licensing": "licensing",
    "activation.probe": "probe",
    "activation.agent": "heartbeat",
  } as const;
  return claimed[record.eventName as keyof typeof claimed] ?? "event";
};
