// Makes a fresh clone ready: any Node runs this, npm installs the locked packages, among them the Node 24 that runs the rest.
// Called as pre-script; what npm prints goes to standard error, so that a command's own output stays clean.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const installed = new URL("../../node_modules/.package-lock.json", import.meta.url);
const lock = new URL("../../package-lock.json", import.meta.url);
const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;

if (!fresh) {
  process.stderr.write("activation-monitor: installing packages (npm ci), about 30 seconds …\n");
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, "ci"]] : ["npm", ["ci"]];
  const child = spawnSync(command, [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: new URL("../..", import.meta.url),
    stdio: ["ignore", 2, 2],
  });
  if (child.status !== 0) {
    process.stderr.write("activation-monitor: npm ci failed; run it by hand to see why.\n");
    process.exit(1);
  }
}
