import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { MAIN } from "../support/cli.ts";
import { until } from "../support/until.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const USUAL = [9090, 9093];

/** Somebody has the usual ports: we, or who had them already. */
const occupied = async (): Promise<() => void> => {
  const servers = await Promise.all(
    USUAL.map(
      (port) =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.once("error", () => resolve(server));
          server.listen(port, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  return () => {
    for (const it of servers) if (it.listening) it.close();
  };
};

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    (it) => it.ok,
    () => false,
  );

/** Prometheus and Alertmanager of this test: their data lies in its folder. */
const left = (): number[] =>
  readdirSync("/proc")
    .filter((it) => /^\d+$/.test(it))
    .filter((it) => {
      try {
        return readFileSync(`/proc/${it}/cmdline`, "utf8").includes(`=${folder}`);
      } catch {
        return false;
      }
    })
    .map(Number);

const begun = () => {
  const child = spawn(process.execPath, [MAIN, "start"], {
    cwd: folder,
    env: { ...process.env, ACTIVATION_HTTP_LISTEN: "127.0.0.1:0", ACTIVATION_OTLP_LISTEN: "127.0.0.1:0" },
  });
  let said = "";
  child.stdout.on("data", (it) => {
    said += it;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  return { child, ended, said: () => said };
};

const ending = async (child: ChildProcess): Promise<void> => {
  child.kill("SIGKILL");
  for (const it of left()) process.kill(it, "SIGKILL");
};

test("npm start beside programs on the usual ports; Ctrl-C ends all of it", async () => {
  const release = await occupied();
  const { child, ended, said } = begun();
  try {
    await until(async () => said().includes("Fleet "));
    const url = (title: string): string => new RegExp(`^${title} +(http://\\S+)`, "m").exec(said())?.[1] ?? "";
    expect(said()).toMatch(/^Prometheus .*\(port 9090 is in use\)$/m);
    expect(said()).toMatch(/^Alertmanager .*\(port 9093 is in use\)$/m);
    for (const it of ["Prometheus", "Alertmanager"]) await until(() => answers(`${url(it)}/-/ready`));
    const known = async () => (await fetch(`${url("Prometheus")}/api/v1/alertmanagers`)).text();
    await until(async () => (await known()).includes(new URL(url("Alertmanager")).host));
    expect(left()).toHaveLength(2);
    // Nothing listens here for notifications: Alertmanager shows the alerts and sends none.
    const { config } = (await (await fetch(`${url("Alertmanager")}/api/v2/status`)).json()) as {
      config: { original: string };
    };
    expect(config.original).toContain("- name: page");
    expect(config.original).not.toMatch(/_configs:/);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    await until(async () => left().length === 0);
  } finally {
    await ending(child);
    release();
  }
}, 60_000);

test("who is impatient and interrupts it again and again leaves nothing behind either", async () => {
  const { child, ended, said } = begun();
  try {
    await until(async () => said().includes("Prometheus "));
    await until(async () => {
      child.kill("SIGINT");
      return child.exitCode !== null || child.signalCode !== null;
    });
    // It may have ended in order before it heard the second; it is never killed by one.
    expect([0, 1]).toContain(await ended);
    await until(async () => left().length === 0);
  } finally {
    await ending(child);
  }
}, 60_000);
