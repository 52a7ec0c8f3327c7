import type { Format } from "../../licensing/telemetry/exposition.ts";
import type { CollectorConfig } from "../config.ts";
import type { Taken } from "../ingest/ingest.ts";
import type { Answer, Query } from "./queries.ts";
import type { RequestBatch } from "./request-batch.ts";

/** What the HTTP thread tells the engine's thread. Bodies are handed over, not copied. */
export type Command =
  /** The first request of the batch has this id, the others follow. */
  | { readonly kind: "submit"; readonly first: number; readonly batch: RequestBatch }
  | { readonly kind: "metrics"; readonly id: number; readonly format: Format }
  | { readonly kind: "ask"; readonly id: number; readonly query: Query }
  | { readonly kind: "sweep"; readonly id: number }
  | { readonly kind: "check"; readonly id: number }
  | { readonly kind: "close"; readonly id: number };

/** What became of one request. */
export type Submitted =
  | Taken
  | { readonly outcome: "failed"; readonly reason: string; readonly poison?: true; readonly limit?: true };

/** And what it answers: many requests that shared a commit are answered together. */
export type Reply =
  | { readonly kind: "ready"; readonly warnings: readonly string[] }
  | { readonly kind: "broken"; readonly reason: string }
  /** The store cannot be reached yet; the engine tries again. */
  | { readonly kind: "waiting"; readonly reason: string }
  /** Why the figures are not to be relied on, whenever it changes; undefined: they are. */
  | { readonly kind: "trouble"; readonly reason: string | undefined }
  /** One request that no transaction survives; the others were taken without it. */
  | { readonly kind: "poison"; readonly reason: string }
  | {
      readonly kind: "submitted";
      /** Requests of which everything was taken: nearly all. */
      readonly whole: readonly number[];
      readonly others: readonly (readonly [id: number, Submitted])[];
      readonly commitSeconds: number;
    }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly value: Answer | Uint8Array<ArrayBuffer>;
      readonly failure?: string;
      /** It failed because of the store: its server cannot be reached, or it cannot be relied on at present. */
      readonly store?: "unreachable" | "unavailable";
    };

export interface EngineOptions {
  readonly config: CollectorConfig;
  readonly version: string;
}

/** What the thread is started with. */
export interface WorkerOptions extends EngineOptions {
  readonly whenAway: "wait" | "fail";
}
