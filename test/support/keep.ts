import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";

export interface Stoppable {
  stop(): Promise<unknown>;
}

/** For a file of tests: what is kept is stopped after its test, the last one first, whatever became of the test. */
export const keeping = (): (<T extends Stoppable>(it: T) => T) => {
  const running: Stoppable[] = [];
  afterEach(async () => {
    for (const it of running.splice(0).reverse()) await it.stop();
  });
  return (it) => {
    running.push(it);
    return it;
  };
};

/** A folder of its own for each test. To be asked for after `keeping`: jest cleans up in this order, and the folder goes last. */
export const ownFolder = (name: string): (() => string) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), `${name}-`));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
};
