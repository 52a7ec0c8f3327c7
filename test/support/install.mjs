// The real programs our tests run against, from Debian's packages. jest calls this once before all tests.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const PROGRAMS = {
  prometheus: "prometheus",
  promtool: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
  amtool: "prometheus-alertmanager",
  evtxexport: "libevtx-utils",
  dnsmasq: "dnsmasq-base",
  faketime: "faketime",
  "python3-impacket": "python3-impacket",
  postgres: "postgresql",
  nginx: "nginx",
  wixl: "wixl",
  msiinfo: "msitools",
  osslsigncode: "osslsigncode",
  "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
};
/** Those that are no program but a module of Debian's Python. */
const MODULES = { "python3-impacket": "impacket" };

const succeeds = (command) => spawnSync("sh", ["-c", command], { stdio: "ignore" }).status === 0;
// Debian keeps servers where only root looks.
const onPath = (program) => succeeds(`PATH=$PATH:/usr/sbin command -v ${program}`);
/** Debian keeps the programs of each version of PostgreSQL in a folder of their own. */
const FOLDERS = { postgres: "/usr/lib/postgresql/*/bin" };
const isThere = (it) => {
  if (MODULES[it]) return succeeds(`/usr/bin/python3 -c 'import ${MODULES[it]}'`);
  return FOLDERS[it] ? succeeds(`ls ${FOLDERS[it]}/${it}`) : onPath(it);
};

export default function install() {
  installed(PROGRAMS);
}

/** Installs the Debian packages of those programs that are not on the PATH: `{ program: package }`. */
export function installed(programs) {
  const missing = [
    ...new Set(
      Object.keys(programs)
        .filter((it) => !isThere(it))
        .map((it) => programs[it]),
    ),
  ];
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  if (!onPath("apt-get") || !(root || onPath("sudo")))
    throw new Error(
      `The tests need these Debian packages: ${missing.join(" ")}. Install them, e.g. apt-get install ${missing.join(" ")}`,
    );
  process.stderr.write(`Installing for the tests: ${missing.join(" ")}\n`);
  const run = (...args) => {
    const [command, ...rest] = root ? args : ["sudo", "-n", ...args];
    const child = spawnSync(command, rest, {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (child.status !== 0)
      throw new Error(`${args.join(" ")} failed; install ${missing.join(" ")} by hand and run the tests again.`);
  };
  // Debian starts a service when it is installed; the tests start their own, on ports and folders of their own.
  const policy = "/usr/sbin/policy-rc.d";
  const ours = root && !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    run("apt-get", "update", "-qq");
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing);
  } finally {
    if (ours) rmSync(policy);
  }
}
