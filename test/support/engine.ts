import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "@jest/globals";
import type { Engine } from "../../collector/engine/engine.ts";
import { openSqlite } from "../../collector/store/sqlite/store.ts";
import type { Fact } from "../../licensing/facts.ts";
import type { Instant } from "../../licensing/time.ts";
import { engineOn, submissionOf } from "./engine-on.ts";
import { fromAgent, seriesOf } from "./facts.ts";
import { ownFolder } from "./keep.ts";

export { engineOn, submissionOf };

/** An engine on a store of its own for each test. */
export const ownEngine = (name: string, start: Instant) => {
  let engine: Engine;
  let now = start;
  const clock = () => now;
  afterEach(() => engine.close());
  const folder = ownFolder(name);
  const file = () => join(folder(), "a.db");
  const open = async (yaml?: string) => {
    engine = await engineOn(openSqlite(file()), clock, yaml);
  };
  beforeEach(() => {
    now = start;
    return open();
  });
  const series = async () => seriesOf(await engine.metrics("text"));
  return {
    /** Reports of one computer's agent, in one request. */
    take: async (host: string, facts: readonly Fact[], { at = clock(), imported = false } = {}) =>
      (await engine.ingest([submissionOf([fromAgent(host, facts, at)], clock(), imported)]))[0],
    /** The same of an agent in another zone. */
    takeFrom: async (host: string, zone: string, facts: readonly Fact[]) =>
      engine.ingest([submissionOf([fromAgent(host, facts, clock(), { zone })], clock())]),
    series,
    /** A value by what is written of its series' labels, in any order; undefined where there is no such series. */
    figure: async (name: string, labels: Readonly<Record<string, string>> = {}) => {
      const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const found = [...(await series())]
        .filter(([key]) => key.startsWith(`activation_${name}{`) || key === `activation_${name}`)
        .filter(([key]) => wanted.every((it) => key.includes(it)));
      expect(found.length).toBeLessThanOrEqual(1);
      return found[0]?.[1];
    },
    /** Its clock; each test begins at the start. */
    get now() {
      return now;
    },
    set now(at: Instant) {
      now = at;
    },
    get engine() {
      return engine;
    },
    get file() {
      return file();
    },
    /** Another engine on an empty store. */
    startAnew: async () => {
      await engine.close();
      for (const it of ["", "-wal", "-shm"]) rmSync(`${file()}${it}`, { force: true });
      await open();
    },
    /** Another engine on the same store, as after a restart. */
    reopen: async (yaml?: string) => {
      await engine.close();
      await open(yaml);
    },
  };
};
