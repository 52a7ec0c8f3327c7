import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openBookmarks } from "../../../agent/sources/bookmarks.ts";
import { SpoolInUseError } from "../../../agent/spool/lock.ts";
import { spoolSnapshot } from "../../../agent/spool/snapshot.ts";
import { openSpool, type Spool } from "../../../agent/spool/spool.ts";
import type { Fact } from "../../../licensing/facts.ts";
import { licensing, request } from "../../support/facts.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spool-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const WRITER = fileURLToPath(new URL("./writer.ts", import.meta.url));
const MiB = 1024 * 1024;
const ALL = { records: 100_000, bytes: 1_000 * MiB };
const at = (n: number, fact: Fact = request({ at: n, client: n })) => ({ host: "kms01", observedAt: n, fact });
const numbers = (spool: Spool) => spool.read(ALL)?.records.map((it) => it.observedAt) ?? [];
const using = <T>(work: (spool: Spool) => T, size = 64 * MiB): T => {
  const spool = openSpool(folder, size);
  try {
    return work(spool);
  } finally {
    spool.close();
  }
};

test("first in, first out, over restarts; what has left does not come back", () => {
  using((spool) => {
    spool.append([at(1), at(2), at(3)]);
    spool.append([at(4)]);
    const batch = spool.read({ records: 2, bytes: MiB })!;
    expect(batch.records.map((it) => it.observedAt)).toEqual([1, 2]);
    batch.leave();
    expect(spool.depth).toBe(2);
    expect(spool.oldestAt).toBe(3);
  });
  using((spool) => {
    expect(numbers(spool)).toEqual([3, 4]);
    spool.append([at(5)]);
    expect(numbers(spool)).toEqual([3, 4, 5]);
    spool.read(ALL)!.leave();
    expect(spool.read(ALL)).toBeUndefined();
  });
  using((spool) => expect(spool.read(ALL)).toBeUndefined());
});

test("a record keeps its uid however often it is read, and no two have the same", () => {
  const first = using((spool) => {
    spool.append([at(1), at(2)]);
    return spool.read(ALL)!.records.map((it) => it.uid);
  });
  const uids = using((spool) => {
    spool.append([at(3)]);
    return spool.read(ALL)!.records.map((it) => it.uid);
  });
  expect(uids.slice(0, 2)).toEqual(first);
  expect(new Set(uids).size).toBe(3);
});

test("a batch is bounded by bytes, but never empty", () => {
  using((spool) => {
    spool.append([at(1), at(2), at(3)]);
    expect(spool.read({ records: 10, bytes: 1 })!.records).toHaveLength(1);
    expect(spool.read({ records: 10, bytes: 900 })!.records).toHaveLength(2);
  });
});

test("a torn end at any byte costs only what was not acknowledged", () => {
  using((spool) => {
    spool.append([at(1)]);
    spool.append([at(2)]);
  });
  const [file] = readdirSync(folder).filter((it) => it.endsWith(".spool"));
  const whole = readFileSync(join(folder, file!));
  const first = 8 + whole.readUInt32BE(0);
  for (let length = 0; length <= whole.length; length += 1) {
    writeFileSync(join(folder, file!), whole.subarray(0, length));
    const expected = length < first ? [] : length < whole.length ? [1] : [1, 2];
    expect(using(numbers)).toEqual(expected);
    writeFileSync(join(folder, file!), whole);
  }
  const flipped = Buffer.from(whole);
  flipped[first + 20]! ^= 1;
  writeFileSync(join(folder, file!), flipped);
  expect(using(numbers)).toEqual([1]);
});

test("when it is full, license states go first and are counted; events stay, and then nothing more is taken", () => {
  using((spool) => {
    for (let n = 0; n < 40; n += 1)
      expect(spool.append([at(n, n % 2 ? licensing() : request({ at: n, client: n }))])).toBe(true);
    let n = 100;
    while (spool.append([at(n)])) n += 1;
    expect(spool.dropped).toEqual({ licensing: 20 });
    const kept = numbers(spool);
    expect(kept.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i));
    expect(kept.slice(20)).toEqual(Array.from({ length: n - 100 }, (_, i) => 100 + i));
  }, 40 * 1024);
  using((spool) => {
    expect(spool.dropped).toEqual({ licensing: 20 });
    spool.read({ records: 10, bytes: MiB })!.leave();
    expect(numbers(spool)[0]).toBe(20);
    spool.read(ALL)!.leave();
    expect(spool.append([at(999)])).toBe(true);
    expect(numbers(spool)).toEqual([999]);
  }, 40 * 1024);
});

test("written anew while a batch is on its way: what was in it may come again, what was not is never skipped", () => {
  using((spool) => {
    for (let n = 0; n < 40; n += 1) spool.append([at(n, n % 2 ? licensing() : request({ at: n, client: n }))]);
    const batch = spool.read({ records: 10, bytes: MiB })!;
    for (let n = 100; spool.append([at(n)]); n += 1);
    expect(spool.dropped).toEqual({ licensing: 20 });
    batch.leave();
  }, 40 * 1024);
  const events = Array.from({ length: 20 }, (_, i) => 2 * i);
  // Events 0 to 8 were in the batch.
  expect(using(numbers, 40 * 1024).filter((it) => it < 100 && it > 8)).toEqual(events.slice(5));
});

test("exported records leave when whoever exported them asks, also while a batch is on its way", () => {
  using((spool) => {
    spool.append([at(1), at(2), at(3)]);
    spool.append([at(4), at(5)]);
    const uid = spool.read(ALL)!.records[3]!.uid;
    const batch = spool.read({ records: 2, bytes: MiB })!;
    expect(spool.leaveExported()).toBe(0);
    writeFileSync(join(folder, "exported"), uid);
    expect(spool.leaveExported()).toBe(4);
    batch.leave();
    expect(numbers(spool)).toEqual([5]);
    expect(spool.leaveExported()).toBe(0);
  });
  expect(using(numbers)).toEqual([5]);
  writeFileSync(join(folder, "exported"), "another spool's record");
  expect(using(numbers)).toEqual([5]);
  expect(readdirSync(folder)).not.toContain("exported");
  using((spool) => {
    const batch = spool.read(ALL)!;
    writeFileSync(join(folder, "exported"), batch.records[0]!.uid);
    expect(spool.leaveExported()).toBe(1);
    batch.leave();
  });
  // The first segment's number is given again: what is in it is new.
  using((spool) => spool.append([at(6)]));
  expect(using(numbers)).toEqual([6]);
});

test("two agents cannot share it, and it is free again however the first one ends", async () => {
  const first = openSpool(folder, MiB);
  expect(() => openSpool(folder, MiB)).toThrow(`spool.directory ${folder} is used by another agent`);
  first.close();
  const child = spawn(process.execPath, [WRITER, folder, "0"], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  expect(() => openSpool(folder, MiB)).toThrow(SpoolInUseError);
  child.kill("SIGKILL");
  await once(child, "exit");
  openSpool(folder, MiB).close();
});

test("two containers on one volume, in each of which the agent is process 1, cannot share it", async () => {
  const inside = ["--pid", "--fork", "--kill-child", "--mount-proc", process.execPath, WRITER, folder, "0"];
  const child = spawn("unshare", inside, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  try {
    const second = spawnSync("unshare", inside, { encoding: "utf8" });
    expect(second.stderr).toContain("is used by another agent");
  } finally {
    child.kill("SIGKILL");
    await once(child.stdout, "close");
  }
});

test("a lock file that an earlier version left, with a number that another process has now, keeps nobody out", () => {
  writeFileSync(join(folder, "lock"), String(process.ppid));
  openSpool(folder, MiB).close();
});

test("only its owner reads it, also what an earlier version made readable for everybody", () => {
  const inside = join(folder, "spool");
  const modes = () =>
    [inside, ...readdirSync(inside).map((it) => join(inside, it))].map((it) => (statSync(it).mode & 0o777).toString(8));
  const append = () => {
    const spool = openSpool(inside, MiB);
    spool.append([at(1), at(2)]);
    spool.read({ records: 1, bytes: MiB })!.leave();
    openBookmarks(inside).save("Application", "<a/>");
    spool.close();
  };
  append();
  expect(new Set(modes())).toEqual(new Set(["700", "600"]));
  for (const it of readdirSync(inside)) chmodSync(join(inside, it), 0o644);
  chmodSync(inside, 0o755);
  append();
  expect(modes().filter((it) => !it.endsWith("0"))).toEqual([]);
});

test("killed in mid-write again and again, it has all that it acknowledged, in order", async () => {
  const acknowledged: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const first = round * 100_000;
    const child = spawn(process.execPath, [WRITER, folder, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (it) => {
        out += it;
        if (out.length > 400 + round * 333) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    acknowledged.push(...out.split("\n").slice(0, -1).map(Number));
  }
  const kept = using(numbers);
  expect(kept.filter((it) => acknowledged.includes(it))).toEqual(acknowledged);
  // At most the one that was written and not told yet, in each round.
  expect(kept.length - acknowledged.length).toBeLessThanOrEqual(4);
});

test("looked at while an agent writes it: whole records, in order, all that was acknowledged before", async () => {
  const child = spawn(process.execPath, [WRITER, folder, "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  let acknowledged = 0;
  try {
    for (let looks = 0; looks < 40; looks += 1) {
      const [lines] = (await once(child.stdout, "data")) as [Buffer];
      acknowledged += lines.toString().split("\n").length - 1;
      const seen = [...spoolSnapshot(folder)].flat().map((it) => it.observedAt);
      expect(seen.length).toBeGreaterThanOrEqual(acknowledged);
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => i));
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
});

test("a disk that was full in mid-write costs nothing that was acknowledged, before or after", () => {
  execFileSync(process.execPath, [fileURLToPath(new URL("./full-disk.ts", import.meta.url)), folder]);
  using((spool) => expect(numbers(spool)).toEqual([1, 2]));
});

test.each(["null", "{}", "torn{"])(
  "a state that is %s says nothing, and what is dropped is counted from there",
  (state) => {
    using((spool) => spool.append([at(1, licensing())]));
    writeFileSync(join(folder, "state.json"), state);
    using((spool) => {
      for (let n = 2; spool.dropped.licensing === undefined && n < 100; n += 1) spool.append([at(n)]);
      expect(spool.dropped).toEqual({ licensing: 1 });
    }, 4_000);
  },
);

test("a file in the way of its directory is told with the key that names it", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => openSpool(file, MiB)).toThrow(`spool.directory ${file} cannot be made: a file is in the way`);
  expect(() => openSpool(join(file, "below"), MiB)).toThrow("spool.directory");
});
