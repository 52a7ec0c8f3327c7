import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * `npm run torture:engine -- NAME [COUNT]`: one attack on a collector at full size, in a heap of 256 MB; prints what was measured.
 * Without a name, all of them. The short versions run with `npm test`.
 */
const PROGRAM = fileURLToPath(new URL("engine-program.ts", import.meta.url));
export const NAMES = ["names", "forgotten", "recount", "requests"] as const;

const [, , name, count = "1000000"] = process.argv;
const wanted = NAMES.filter((it) => name === undefined || it === name);
if (wanted.length === 0) {
  process.stderr.write(`There is no ${name}; choose one of ${NAMES.join(", ")}.\n`);
  process.exit(2);
}
for (const it of wanted) {
  const { status } = spawnSync(process.execPath, ["--max-old-space-size=256", PROGRAM, it, count], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
