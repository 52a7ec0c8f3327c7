import type { Outcomes } from "../ingest/accepted-record.ts";

/** What became of one request. */
export type Taken =
  | { readonly outcome: "taken"; readonly outcomes: Outcomes; readonly message?: string }
  | { readonly outcome: "too-large" };

/** Nothing more can be taken, whatever the file: why, in one sentence. */
export class TargetError extends Error {}

/** Where imported records go: a running collector, or a store that no process has open. */
export interface Target {
  /** For the person who imports. */
  readonly name: string;
  /**
   * Takes one request of OTLP logs in protobuf; once it resolves, everything is on disk.
   *
   * @throws TargetError; the signal's reason once it is aborted.
   */
  send(body: Uint8Array, signal: AbortSignal): Promise<Taken>;
  close(): Promise<void>;
}
