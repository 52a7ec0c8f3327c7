import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { configFrom } from "../../config.ts";
import { sha256Of, writeChecksum } from "./checksum.ts";
import { copyDatabase } from "./copy-database.ts";
import { sqliteFile } from "./sqlite-file.ts";

export interface BackupOptions {
  readonly config?: string;
  /** A file that does not exist yet, or a folder that does. */
  readonly out: string;
  /** In a folder: so many of the newest backups stay. */
  readonly keep?: number;
  readonly json?: boolean;
}

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

/** `activation-20261120T081530Z.db`: the names sort by time. */
const NAME = /^activation-\d{8}T\d{6}Z\.db$/;

/**
 * `collector backup`: a copy of the store as it is at one instant, with its checksum, whether a collector runs or not.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error when the store cannot be read or the file cannot be written: then nothing is left under
 * its name.
 */
export const backupStore = async (options: BackupOptions, { out, err, signal }: Streams): Promise<number> => {
  const store = sqliteFile(configFrom(options.config).store.url);
  const folder = statSync(options.out, { throwIfNoEntry: false })?.isDirectory() ? options.out : undefined;
  if (options.keep !== undefined && folder === undefined)
    throw new Error(`${options.out} is no folder; --keep needs one as --out.`);
  const file = folder === undefined ? options.out : join(folder, nameAt(new Date()));
  const [partial, sumFile] = [`${file}.partial`, `${file}.sha256`];
  for (const it of [file, sumFile])
    if (existsSync(it)) throw new Error(`${it} exists already; give --out another name, or a folder.`);
  const clear = err.isTTY === true ? "\r\u001b[K" : "";
  const say = (text: string) => clear && err.write(`${clear}${text}`);
  rmSync(partial, { force: true });
  try {
    await copyDatabase(store, partial, {
      signal,
      progress: (part) => say(part < 1 ? `${store}: ${Math.floor(part * 100)} %` : `${store}: checking the copy`),
    });
    const sum = await sha256Of(partial);
    // The checksum first: a file without one could not be told from one whose checksum was lost.
    writeChecksum(sumFile, file, sum);
    renameSync(partial, file);
    const { size } = statSync(file);
    const removed = folder === undefined || options.keep === undefined ? [] : removeOld(folder, options.keep);
    say("");
    if (options.json) out.write(`${JSON.stringify({ file, bytes: size, sha256: sum, removed })}\n`);
    else
      out.write(
        `${file}: ${(size / 1e6).toFixed(1)} MB, SHA-256 ${sum}${removed.length > 0 ? `; removed ${removed.length} older` : ""}\n`,
      );
    return 0;
  } catch (cause) {
    rmSync(partial, { force: true });
    if (!existsSync(file)) rmSync(sumFile, { force: true });
    say("");
    if (signal.aborted) throw new Error(`${file} was not written: interrupted.`, { cause });
    throw new Error(`${file} was not written: ${(cause as Error).message}`, { cause });
  }
};

const nameAt = (time: Date): string =>
  `activation-${time.toISOString().replaceAll(/[-:]/g, "").replace(/\.\d+/, "")}.db`;

/** Backups of ours in this folder beyond the newest. @returns their names. */
const removeOld = (folder: string, keep: number): string[] => {
  const old = readdirSync(folder)
    .filter((it) => NAME.test(it))
    .sort()
    .slice(0, -keep);
  for (const it of old) for (const end of ["", ".sha256"]) rmSync(join(folder, `${it}${end}`), { force: true });
  return old;
};
