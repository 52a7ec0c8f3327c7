import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openBookmarks } from "../../../agent/sources/bookmarks.ts";
import { spoolSnapshot } from "../../../agent/spool/snapshot.ts";
import { openSpool, type Spool } from "../../../agent/spool/spool.ts";
import { request } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

const folder = ownFolder("damage");
const MiB = 1024 * 1024;
/** Each open and close waits for the disk: every 13th bit meets all bits of a byte all the same. */
const STEP = 13;
const ALL = { records: 1_000, bytes: 100 * MiB };
const at = (n: number) => ({ host: "kms01", observedAt: n, fact: request({ at: n, client: n }) });
const numbers = (spool: Spool) => spool.read(ALL)?.records.map((it) => it.observedAt) ?? [];
const opened = <T>(work: (spool: Spool, warnings: string[]) => T): T => {
  const warnings: string[] = [];
  const spool = openSpool(folder(), 64 * MiB, (it) => warnings.push(it));
  try {
    return work(spool, warnings);
  } finally {
    spool.close();
  }
};
const segment = () => join(folder(), readdirSync(folder()).find((it) => it.endsWith(".spool"))!);
const state = () => join(folder(), "state.json");
const inSnapshot = () => [...spoolSnapshot(folder())].flat().map((it) => it.observedAt);
/** A spool of five records, and its segment. */
const filled = () => {
  opened((spool) => spool.append([1, 2, 3, 4, 5].map(at)));
  return readFileSync(segment());
};

test.each([1, 4, 7, 8, 9, 64, 4096])("%i zeros at the end, as a power cut leaves them, cost nothing", (zeros) => {
  const whole = filled();
  writeFileSync(segment(), Buffer.concat([whole, Buffer.alloc(zeros)]));
  expect(inSnapshot()).toEqual([1, 2, 3, 4, 5]);
  opened((spool, warnings) => {
    expect(numbers(spool)).toEqual([1, 2, 3, 4, 5]);
    expect(spool.dropped).toEqual({});
    expect(warnings).toEqual([expect.stringContaining(`its last ${zeros} bytes were never completed`)]);
  });
});

test.each([0, 1, 8, 4096])("a segment of %i zeros is left out; the next one is read", (zeros) => {
  filled();
  writeFileSync(join(folder(), "000000000000.spool"), Buffer.alloc(zeros));
  opened((spool) => {
    expect(numbers(spool)).toEqual([1, 2, 3, 4, 5]);
    spool.append([at(6)]);
    spool.read(ALL)!.leave();
  });
  expect(readdirSync(folder()).filter((it) => it.endsWith(".spool"))).toEqual([]);
});

test("any flipped bit costs one record at most, which is counted once; all others arrive, and what is appended later", () => {
  const whole = filled();
  for (let bit = 0; bit < whole.length * 8; bit += STEP * 7) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(segment(), flipped);
    opened((spool) => {
      const kept = numbers(spool);
      const lost = 5 - kept.length;
      expect({ bit, lost, kept }).toMatchObject({ lost: Math.min(lost, 1) });
      expect(spool.dropped.damaged ?? 0).toBe(lost);
    });
    opened((spool, warnings) => {
      expect(spool.dropped.damaged ?? 0).toBe(5 - numbers(spool).length);
      expect(warnings.filter((it) => it.includes("damaged records"))).toEqual([]);
      spool.append([at(6)]);
      expect(numbers(spool).at(-1)).toBe(6);
      spool.read(ALL)!.leave();
    });
    for (const it of readdirSync(folder()).filter((name) => name !== "spool.lock")) {
      writeFileSync(join(folder(), it), "");
    }
    writeFileSync(join(folder(), "000000000001.spool"), whole);
  }
});

test("a sector of zeros in the middle costs the records that lay there", () => {
  opened((spool) => spool.append(Array.from({ length: 20 }, (_, i) => at(i))));
  const whole = readFileSync(segment());
  whole.fill(0, 2_048, 2_560);
  writeFileSync(segment(), whole);
  opened((spool) => {
    const kept = numbers(spool);
    expect(kept.length).toBeGreaterThanOrEqual(17);
    expect(kept.at(-1)).toBe(19);
    expect(spool.dropped.damaged).toBeGreaterThan(0);
    expect(inSnapshot()).toEqual(kept);
  });
});

test("damaged or removed while an agent has it open: the others are sent", () => {
  opened((spool, warnings) => {
    spool.append([1, 2, 3].map(at));
    const bytes = readFileSync(segment());
    bytes[20]! ^= 1;
    writeFileSync(segment(), bytes);
    expect(numbers(spool)).toEqual([2, 3]);
    expect(spool.dropped).toEqual({ damaged: 1 });
    expect(warnings).toEqual([expect.stringContaining("1 records were damaged")]);
  });
});

describe("state.json", () => {
  const waiting = () => {
    filled();
    opened((spool) => spool.read({ records: 2, bytes: MiB })!.leave());
    return readFileSync(state());
  };
  test("any flipped bit, and any length: nothing that waits is lost, nor what is appended later", () => {
    const whole = waiting();
    const variants = [
      ...Array.from({ length: Math.ceil((whole.length * 8) / STEP) }, (_, i) => {
        const bit = i * STEP;
        const flipped = Buffer.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        return flipped;
      }),
      ...Array.from({ length: Math.ceil(whole.length / STEP) }, (_, i) => whole.subarray(0, i * STEP)),
      Buffer.alloc(whole.length),
    ];
    for (const variant of variants) {
      writeFileSync(state(), variant);
      opened((spool) => expect(numbers(spool).slice(-3)).toEqual([3, 4, 5]));
      writeFileSync(state(), whole);
    }
  });
  test.each([
    '{"done":null}',
    '{"done":{"segment":7,"at":9}}',
    '{"done":{"segment":"999999999999.spool"}}',
    '{"done":{"segment":"000000000001.spool","at":"9"},"dropped":7}',
    '{"done":[],"dropped":{"event":"many"}}',
    "[]",
    "7",
  ])("%s says nothing", (content) => {
    waiting();
    writeFileSync(state(), content);
    opened((spool) => {
      expect(numbers(spool)).toEqual([1, 2, 3, 4, 5]);
      expect(spool.append([at(6)])).toBe(true);
    });
    expect(opened(numbers)).toEqual([1, 2, 3, 4, 5, 6]);
  });
  test("of an earlier version is good", () => {
    const whole = filled();
    const first = 8 + whole.readUInt32BE(0);
    const done = { segment: segment().slice(-18), at: first + 8 };
    writeFileSync(state(), JSON.stringify({ instance: "a", sequence: 5, done, dropped: { licensing: 3 } }));
    opened((spool) => {
      expect(numbers(spool)).toEqual([3, 4, 5]);
      expect(spool.dropped).toEqual({ licensing: 3 });
    });
  });
});

describe("bookmarks.json", () => {
  const file = () => join(folder(), "bookmarks.json");
  test("any flipped bit: the bookmarks are as they were, or there are none", () => {
    openBookmarks(folder()).save("Application", '{"xml":"<a/>","gaps":2}');
    const whole = readFileSync(file());
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file(), flipped);
      expect([undefined, '{"xml":"<a/>","gaps":2}']).toContain(openBookmarks(folder()).load("Application"));
    }
  });
  test("of an earlier version are good", () => {
    writeFileSync(file(), '{"Application":"<a/>"}');
    expect(openBookmarks(folder()).load("Application")).toBe("<a/>");
  });
});

describe("smaller than what it is to hold", () => {
  test("a record larger than the whole spool is taken when nothing else is in it", () => {
    const spool = openSpool(folder(), 100);
    try {
      expect(spool.append([at(1), at(2)])).toBe(false);
      expect(spool.append([at(1)])).toBe(true);
      expect(spool.append([at(2)])).toBe(false);
      spool.read(ALL)!.leave();
      expect(spool.append([at(2)])).toBe(true);
    } finally {
      spool.close();
    }
  });
});
