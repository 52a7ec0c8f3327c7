import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { VERSION } from "../../config/version.ts";
import { cli } from "../support/cli.ts";

const bash = (script: string, words: readonly string[]): string[] => {
  const line = `COMP_WORDS=(${words.map((it) => `'${it}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _activation_monitor; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `${script}\n${line}`], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trim().split("\n");
};

test("bash completes commands, their commands and their options", async () => {
  const { code, out } = await cli(["completion", "bash"]);
  expect(code).toBe(0);
  const complete = (...words: string[]) => bash(out, ["activation-monitor", ...words]);
  expect(complete("")).toEqual(expect.arrayContaining(["agent", "collector", "check-config", "completion"]));
  expect(complete("coll")).toEqual(["collector"]);
  expect(complete("collector", "b")).toEqual(["backup"]);
  expect(complete("collector", "backup", "--o")).toEqual(["--out"]);
  expect(complete("collector", "backup", "--out", "x", "--k")).toEqual(["--keep"]);
  expect(complete("check-config", "some-file")).toEqual([""]);
});

test("zsh and PowerShell have the same words", async () => {
  for (const shell of ["zsh", "powershell"]) {
    const { code, out } = await cli(["completion", shell]);
    expect([code, out]).toEqual([0, expect.stringMatching(/collector backup.*--keep/s)]);
  }
  expect(await cli(["completion", "fish"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("bash, zsh, powershell"),
  });
});

test("version is a command too", async () => {
  expect(await cli(["version"])).toEqual({ code: 0, out: `${VERSION}\n`, err: "" });
  const { out } = await cli(["version", "--json"]);
  expect(JSON.parse(out)).toEqual({
    version: VERSION,
    node: process.version,
    platform: process.platform,
    arch: process.arch,
  });
});
