import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventsIn } from "../../offline/event-text.ts";
import { exportEvtx } from "../../offline/evtx.ts";
import { REQUEST } from "../support/event-forms.ts";
import { evtxOf } from "../support/evtx.ts";

const COUNT = 200;
const HEADER = 4_096;
const CHUNK = 65_536;
const WHOLE = evtxOf(
  Array.from({ length: COUNT }, (_, i) => ({
    ...REQUEST,
    recordId: 500 + i,
    data: REQUEST.data.map((it) => it.replace("pc1", `pc${i}`)),
  })),
);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "evtx-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (bytes: Uint8Array) => {
  const file = join(folder, "a.evtx");
  writeFileSync(file, bytes);
  const { xml, incomplete } = exportEvtx(file);
  const ids = new Set([...eventsIn(xml)].flatMap((it) => ("fact" in it ? [it.fact.recordId] : [])));
  return {
    count: ids.size,
    missing: Number(/: (\d+) of its 200 events are missing/.exec(incomplete ?? "")?.[1] ?? 0),
    incomplete,
  };
};
const changed = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(WHOLE);
  change(bytes);
  return bytes;
};

test("a whole file of several chunks", () => {
  expect(WHOLE.length).toBeGreaterThan(HEADER + 4 * CHUNK);
  expect(read(WHOLE)).toEqual({ count: COUNT, missing: 0, incomplete: undefined });
});
test("room behind the last chunk, as a live log has it, is nothing that is missing", () => {
  expect(read(Buffer.concat([WHOLE, Buffer.alloc(10 * CHUNK)]))).toMatchObject({ count: COUNT, incomplete: undefined });
});
test("chunks that the header of a log under way does not know are read", () => {
  expect(read(changed((it) => it.writeUInt16LE(2, 42)))).toMatchObject({ count: COUNT, incomplete: undefined });
});

describe("a file that is cut off gives what is there and tells how many are missing", () => {
  test.each([
    HEADER + CHUNK,
    HEADER + CHUNK + 700,
    100_000,
    140_000,
    WHOLE.length - CHUNK,
    WHOLE.length - 40_000,
    WHOLE.length - 65_000,
  ])("after %i bytes", (length) => {
    const { count, missing } = read(WHOLE.subarray(0, length));
    expect(missing).toBeGreaterThan(0);
    expect(count + missing).toBe(COUNT);
  });
  test("within the first chunk", () => {
    expect(read(WHOLE.subarray(0, 40_000)).count).toBeGreaterThan(0);
    expect(() => read(WHOLE.subarray(0, HEADER + 10))).toThrow("evtxexport failed");
  });
});

describe("no damage loses events without a word", () => {
  test.each<[string, (bytes: Buffer) => void]>([
    ["a chunk without its mark", (it) => it.fill(0, HEADER + CHUNK, HEADER + CHUNK + 8)],
    ["a chunk of zeros", (it) => it.fill(0, HEADER + CHUNK, HEADER + 2 * CHUNK)],
    ["the first chunk of zeros", (it) => it.fill(0, HEADER, HEADER + CHUNK)],
    ["a record without its mark", (it) => it.fill(0, HEADER + 512, HEADER + 516)],
    ["a record of another size", (it) => it.writeUInt32LE(3, HEADER + 516)],
    ["0xff in the middle of a chunk", (it) => it.fill(0xff, HEADER + CHUNK + 30_000, HEADER + CHUNK + 30_100)],
  ])("%s", (_, change) => {
    const { count, incomplete } = read(changed(change));
    if (count < COUNT) expect(incomplete).toBeDefined();
    expect(count).toBeGreaterThanOrEqual(COUNT - 40);
  });
  test("flipped bytes anywhere: never fewer events than there were without saying so, never a crash", () => {
    let state = 12_345;
    const next = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state % below;
    };
    for (let i = 0; i < 60; i += 1) {
      const bytes = changed((it) => {
        const at = HEADER + next(it.length - HEADER);
        it[at] = it[at]! ^ (1 + next(255));
      });
      const { count, incomplete } = read(bytes);
      // One event may read as another: a changed letter in its XML is still an event.
      if (count < COUNT - 1) expect(incomplete).toBeDefined();
    }
  }, 120_000);
});
