import { expect, test } from "@jest/globals";
import type { Command } from "commander";
import { wholeProgram } from "../../cli/program.ts";
import { cli } from "../support/cli.ts";

const program = wholeProgram(() => {});
const within = (command: Command, path: readonly string[]): [string, Command][] => [
  [path.join(" "), command],
  ...command.commands.flatMap((it) => within(it, [...path, it.name()])),
];
const all = within(program, []);
const leaves = all.filter(([, it]) => it.commands.length === 0);

/** The whole help, with the texts after it, as a wide terminal shows it. */
const helpOf = (command: Command): string => {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 1_000 }).outputHelp();
  return help;
};
const examplesIn = (help: string): string[][] => {
  const [, after = ""] = help.split("\nExamples:\n");
  return [...after.matchAll(/^ {2}activation-monitor (.+?)(?: [<>].*)?$/gm)].map((it) => (it[1] as string).split(" "));
};

test("there are commands", () => {
  expect(leaves.length).toBeGreaterThan(18);
});

test.each(all)("%p has a description and an example that can be typed", (...[, command]) => {
  expect(command.description()).toMatch(/^[A-Z].{20,}/);
  const examples = examplesIn(helpOf(command));
  expect(examples).not.toEqual([]);
  for (const words of examples) {
    const [, named] = all.filter(([it]) => it !== "" && `${words.join(" ")} `.startsWith(`${it} `)).at(-1) ?? [];
    expect(named && within(command, []).some(([, it]) => it === named)).toBe(true);
    const known = (named?.options ?? []).map((it) => it.long);
    for (const it of words.filter((word) => /^--./.test(word))) expect(known).toContain(it);
    for (const it of named?.options ?? []) if (it.mandatory) expect(words).toContain(it.long);
  }
});

test.each(leaves)("%p marks its required options, and has --json where it has --format json", (path, command) => {
  const help = helpOf(command);
  for (const it of command.options) {
    const line = help.split("\n").find((text) => text.startsWith(`  ${it.flags} `)) ?? "";
    expect([it.flags, line.endsWith("(required)")]).toEqual([it.flags, it.mandatory]);
    if (it.mandatory) expect(help.split("\n")[0]).toContain(` ${it.flags} `);
    if (it.long === "--format" && it.argChoices?.includes("json"))
      expect(command.options.map((other) => other.long)).toContain("--json");
  }
  expect(path).not.toBe("");
});

test("--json is --format json, and not beside another format", async () => {
  const worksheet = (...args: string[]) => cli(["collector", "worksheet", "--url", "http://127.0.0.1:1", ...args]);
  expect(await worksheet("--json")).toMatchObject({ code: 1, err: expect.stringContaining("cannot be reached") });
  expect(await worksheet("--json", "--format", "csv")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^activation-monitor: collector worksheet: .*'--json'.*'--format <format>'/),
  });
});

test("NO_COLOR: there is no color to begin with, whatever the terminal", async () => {
  const env = { FORCE_COLOR: "3", NO_COLOR: "1" };
  for (const args of [["--help"], ["collector", "backup", "--help"], ["nonsense"], ["explain", "12290"]]) {
    const { out, err } = await cli(args, { env });
    expect(`${out}${err}`).not.toContain("\u001b");
  }
});
