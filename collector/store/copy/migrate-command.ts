import { existsSync } from "node:fs";
import { configFrom } from "../../config.ts";
import { openStore } from "../open-store.ts";
import { openPostgres } from "../postgres/store.ts";
import { copyStore } from "./copy-store.ts";

export interface MigrateOptions {
  readonly config?: string;
  /** `postgres://…`: an empty database, or one that an earlier try has begun to fill. */
  readonly to: string;
  readonly toPasswordFile?: string;
}

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

/**
 * `collector migrate`: copies the store to an empty database of PostgreSQL, while no collector runs.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error in one sentence when either store cannot be had, or the copy ended early. The same command
 * again goes on where it stopped.
 */
export const migrateStore = async (options: MigrateOptions, { out, err, signal }: Streams): Promise<number> => {
  const { store } = configFrom(options.config);
  if (!/^postgres(ql)?:\/\//.test(options.to)) throw new Error("--to takes postgres://USER@HOST/DATABASE.");
  const file = /^sqlite:(.+)$/.exec(store.url)?.[1];
  if (file !== undefined && !existsSync(file)) throw new Error(`${file} (store.url) does not exist.`);
  const clear = err.isTTY === true ? "\r\u001b[K" : "";
  const source = await openStore(store);
  try {
    const target = await openPostgres({ url: options.to, passwordFile: options.toPasswordFile, filling: true });
    try {
      const rows = await copyStore(source, target, {
        signal,
        progress: ({ what, rows }) => clear && err.write(`${clear}${rows.toLocaleString("en")} rows, ${what}`),
      });
      out.write(
        `${clear}${rows.toLocaleString("en")} rows were copied. Set store.url to the new database and start the collector.\n`,
      );
      return 0;
    } catch (cause) {
      const reason = signal.aborted ? "interrupted; the same command goes on" : (cause as Error).message;
      throw new Error(`${clear}The copy has ended early: ${reason}.`, { cause });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
};
