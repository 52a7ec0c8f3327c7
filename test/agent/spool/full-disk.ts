import { execFileSync } from "node:child_process";
import { openSpool } from "../../../agent/spool/spool.ts";

/** Appends, fails in mid-write as on a full disk, and appends again once there is room: a process of its own, for its limit. */
const limitFiles = (bytes: string) => execFileSync("prlimit", [`--pid=${process.pid}`, `--fsize=${bytes}:`]);
const probe = (n: number, target: string) => ({
  host: "pc1",
  observedAt: n,
  fact: { kind: "probe", probe: "tcp", target, outcome: "up" } as const,
});

const spool = openSpool(process.argv[2]!, 64 * 1024 * 1024);
spool.append([probe(1, "x")]);
limitFiles("4096");
let failed = false;
try {
  spool.append([probe(9, "x".repeat(10_000))]);
} catch (cause) {
  failed = (cause as NodeJS.ErrnoException).code === "EFBIG";
}
limitFiles("unlimited");
spool.append([probe(2, "x")]);
const held = spool.read({ records: 10, bytes: 100_000 })?.records.map((it) => it.observedAt);
process.exitCode = failed && String(held) === "1,2" ? 0 : 1;
