import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { StoreDamaged } from "../store.ts";

/** A worker's file is no import, so that the compiler leaves its name alone: `.ts` in a checkout, `.js` in the package. */
const WORKER = `./check-worker${extname(import.meta.url)}`;

export interface StoreCheck {
  /** Resolves with the damage that was found; undefined where there is none. */
  readonly damage: Promise<StoreDamaged | undefined>;
  /** Resolves once the check has ended, at the end of its table at the latest. */
  stop(): Promise<unknown>;
}

/** Looks through a whole database for damage without holding anything up: two gigabytes take some ten seconds. */
export const checkDatabase = (file: string): StoreCheck => {
  const worker = new Worker(new URL(WORKER, import.meta.url), { workerData: { file } });
  worker.unref();
  const damage = new Promise<StoreDamaged | undefined>((resolve) => {
    worker.once("message", (found: string) =>
      resolve(found === "" ? undefined : new StoreDamaged(`${file} is damaged, restore it from a backup: ${found}`)),
    );
    // What keeps a check from running says nothing about the database.
    worker.once("error", () => resolve(undefined));
    worker.once("exit", () => resolve(undefined));
  });
  return { damage, stop: () => worker.terminate() };
};
