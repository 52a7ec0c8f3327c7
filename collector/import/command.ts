import { fileFailure } from "../../config/file-failure.ts";
import { verifyingKey } from "../../offline/signature.ts";
import type { RecordOutcome } from "../ingest/accepted-record.ts";
import { type Imported, importFile } from "./import.ts";
import { openTarget, type TargetOptions } from "./open-target.ts";
import { TargetError } from "./target.ts";

export interface ImportOptions extends TargetOptions {
  readonly verifyKey?: string;
}

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

/**
 * `collector import`: bundles, `.evtx`, event XML and NDJSON into a running collector or, when none runs, into its store.
 * Imported twice they change nothing the second time. What is wrong with one file keeps no other from being imported.
 *
 * @returns the exit code: 1 when a file or something in it could not be taken.
 * @throws ConfigurationError; Error when there is nothing to import to.
 */
export const importFiles = async (
  files: readonly string[],
  options: ImportOptions,
  { out, err, signal }: Streams,
): Promise<number> => {
  const key = options.verifyKey === undefined ? undefined : verifyingKey(options.verifyKey);
  const target = await openTarget(options);
  const terminal = err.isTTY === true;
  const clear = terminal ? "\r\u001b[K" : "";
  let failed = 0;
  // Without --config or --url it may be another one than was meant.
  if (terminal) err.write(`importing into ${target.name}\n`);
  try {
    for (const [i, file] of files.entries()) {
      const complain = (text: string) => err.write(`${clear}activation-monitor: ${file}${text}\n`);
      const progress = (records: number) =>
        terminal && err.write(`${clear}${file} (${i + 1} of ${files.length}): ${records} records`);
      try {
        const imported = await importFile(file, target, { key, progress, signal });
        for (const it of imported.broken) complain(`, ${it}`);
        if (imported.message) complain(`: the collector refused records: ${imported.message}`);
        if (terminal) err.write(clear);
        out.write(`${file}: ${sentence(imported)}\n`);
        if (imported.broken.length > 0 || (imported.outcomes.rejected ?? 0) > 0) failed += 1;
      } catch (cause) {
        if (signal.aborted) throw new Error(`The import was interrupted in ${file}. ${AGAIN}`);
        if (cause instanceof TargetError) throw new Error(`${file}: ${cause.message} ${AGAIN}`, { cause });
        complain(`: ${fileFailure(cause as NodeJS.ErrnoException)}`);
        failed += 1;
      }
    }
  } finally {
    await target.close();
  }
  return failed > 0 ? 1 : 0;
};

const AGAIN = "Import the same files again: what is there already does no harm.";

const WORDS: Readonly<Record<RecordOutcome, string>> = {
  accepted: "new",
  duplicate: "known already",
  rejected: "refused",
  uninterpreted: "kept but not understood",
  expired: "older than the retention",
  ignored: "of other kinds",
};

const sentence = ({ records, outcomes, broken, elsewhere }: Imported): string => {
  const parts = Object.entries(WORDS).flatMap(([outcome, words]) => {
    const count = outcomes[outcome as RecordOutcome] ?? 0;
    return count > 0 || outcome === "accepted" || outcome === "duplicate" ? [`${count} ${words}`] : [];
  });
  if (broken.length > 0) parts.push(`${broken.length} could not be read`);
  if (elsewhere > 0) parts.push(`${elsewhere} events of other providers left out`);
  return `${records} records: ${parts.join(", ")}`;
};
