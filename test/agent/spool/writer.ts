import { openSpool } from "../../../agent/spool/spool.ts";

/** Appends until it is killed; prints each number once it is acknowledged. */
const spool = openSpool(process.argv[2]!, 64 * 1024 * 1024);
const first = Number(process.argv[3]);
for (let n = first; ; n += 1) {
  spool.append([
    {
      host: "pc1",
      observedAt: n,
      fact: { kind: "probe", probe: "tcp", target: "x".repeat(n % 500), outcome: String(n) },
    },
  ]);
  process.stdout.write(`${n}\n`);
}
