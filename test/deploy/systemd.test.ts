import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ROOT } from "../support/cli.ts";
import { ownFolder } from "../support/keep.ts";

const folder = ownFolder("systemd");
const UNITS = join(ROOT, "deploy/systemd");
const SERVICES = ["activation-monitor-collector.service", "activation-monitor-backup.service"];
const isThere = spawnSync("systemd-analyze", ["--version"]).status === 0;

const analyze = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  return { status, said: stdout + stderr };
};

/** The units with a program that exists here, because `verify` looks whether it does. */
const unitsHere = (): string => {
  const program = join(folder(), "activation-monitor");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  const units = join(folder(), "units");
  mkdirSync(units);
  for (const it of readdirSync(UNITS)) {
    const text = readFileSync(join(UNITS, it), "utf8");
    writeFileSync(join(units, it), text.replaceAll("/opt/activation-monitor/bin/activation-monitor", program));
  }
  return units;
};

(isThere ? describe : describe.skip)("systemd", () => {
  test("takes every unit without a remark", () => {
    const units = unitsHere();
    const names = readdirSync(units).filter((it) => /\.(service|timer)$/.test(it));
    expect(names).toEqual(expect.arrayContaining([...SERVICES, "activation-monitor-backup.timer"]));
    // This machine's own units may have faults; ours are told by their names.
    const { said } = analyze("verify", "--man=no", ...names.map((it) => join(units, it)));
    expect(said.split("\n").filter((it) => it.includes("activation-monitor"))).toEqual([]);
  });

  test.each(SERVICES)("rates the exposure of %s below 2 of 10", (name) => {
    const { status, said } = analyze("security", "--offline=true", "--threshold=20", "--no-pager", join(UNITS, name));
    expect([status, said]).toEqual([0, expect.stringMatching(/Overall exposure level/)]);
  });

  test("makes the account", () => {
    const made = spawnSync("systemd-sysusers", ["--dry-run", join(UNITS, "activation-monitor.sysusers.conf")], {
      encoding: "utf8",
    });
    expect([made.status, made.stderr]).toEqual([0, expect.stringMatching(/user .*activation-monitor/i)]);
  });
});

test("the units name only commands and options that the program has", () => {
  const commands = readdirSync(UNITS).flatMap((it) =>
    [...readFileSync(join(UNITS, it), "utf8").matchAll(/^ExecStart(?:Pre)?=\S+ (.+)$/gm)].map(([, args]) => args!),
  );
  expect(commands.sort()).toEqual([
    "check-config /etc/activation-monitor/collector.yaml",
    "collector backup --config /etc/activation-monitor/collector.yaml --out /var/backups/activation-monitor --keep 14",
    "collector run --config /etc/activation-monitor/collector.yaml",
  ]);
});
