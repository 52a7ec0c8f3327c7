import { writeSync } from "node:fs";
import { openSpool } from "../../../agent/spool/spool.ts";

/** Appends until it is killed; prints each number once it is acknowledged. */
/** Waits for a reader that is behind: what is queued in the process would be lost with it. */
const tell = (line: string): void => {
  for (;;)
    try {
      writeSync(1, line);
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EAGAIN") throw cause;
    }
};

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
  tell(`${n}\n`);
}
