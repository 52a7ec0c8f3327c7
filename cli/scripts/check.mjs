// `npm run check`, before every commit and in CI: types, lint and import rules, then all tests. The last line is the one that any
// CI can read, `N passed, N failed`: of the tests, or of the step that failed before them.
import { spawnSync } from "node:child_process";

const npm = process.env.npm_execpath;
const [command, before] = npm ? [process.execPath, [npm]] : ["npm", []];

/** The exit code of one of package.json's scripts. */
const run = (...args) => {
  const { status, error } = spawnSync(command, [...before, "run", "-s", ...args], { stdio: "inherit" });
  if (error) throw error;
  return status ?? 1;
};

for (const step of ["types", "lint", "boundaries"]) {
  const status = run(step);
  if (status === 0) continue;
  process.stdout.write(`npm run ${step} found what must be fixed first; no test ran.\n0 passed, 1 failed\n`);
  process.exit(status);
}
process.exitCode = run("test", "--", ...process.argv.slice(2));
