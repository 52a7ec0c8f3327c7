import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Properties } from "../../licensing/facts.ts";
import type { Wine, WineHome } from "../support/wine.ts";

/** One record of a log, as the stand-in for wevtapi.dll reads it. */
export interface LogRecord {
  readonly id: number;
  readonly xml: string;
}

/** What a test lets Windows say. */
export interface StandIns {
  /** Replaces a log. */
  log(channel: string, records: readonly LogRecord[], server?: string): void;
  /** Adds to a log. */
  logged(channel: string, records: readonly LogRecord[]): void;
  /** Gives a WMI class its rows; the types of its properties are those of the documentation. */
  wmi(className: string, rows: readonly Properties[], server?: string): void;
  /** Lines `id call subject code times [above]`, see mock.h; none takes all faults away. */
  faults(...lines: string[]): void;
  /** Lines of what was called. */
  calls(): string[];
  /** What slc.dll says. */
  slc(lines: readonly string[]): void;
}

/** Programs take these from System32 instead of Wine's own. */
export const NATIVE = ["wevtapi", "wbemprox", "slc"];

/** Puts stand-ins for the DLLs that the agent calls into a Windows in Wine. */
export const standIns = (wine: Wine, home: WineHome): StandIns => {
  const mock = join(wine.c, "mock");
  for (const [dll, name] of [
    ["wevtapi.dll", "wevtapi"],
    ["slc.dll", "slc"],
    ["wbem/wbemprox.dll", "wbemprox"],
  ] as const)
    wine.replace(dll, standIn(home, name));
  for (const it of ["logs", "wmi", "remote"]) mkdirSync(join(mock, it), { recursive: true });
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    // Whole or not at all: the agent reads it meanwhile.
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const logFile = (channel: string, server?: string) =>
    join(mock, ...(server === undefined ? ["logs"] : ["remote", server]), `${channel}.log`);
  const lines = (records: readonly LogRecord[]) => records.map((it) => `${it.id}\t${it.xml}\n`).join("");
  return {
    log: (channel, records, server) => write(logFile(channel, server), lines(records)),
    logged: (channel, records) => appendFileSync(logFile(channel), lines(records)),
    wmi: (className, rows, server) =>
      write(
        join(mock, ...(server === undefined ? [] : ["remote", server]), "wmi", `${className}.txt`),
        classText(rows),
      ),
    faults: (...faults) => {
      if (faults.length === 0) rmSync(join(mock, "faults"), { force: true });
      else write(join(mock, "faults"), `${faults.join("\n")}\n`);
    },
    calls: () => {
      const file = join(mock, "calls.log");
      return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    },
    slc: (texts) => write(join(mock, "slc"), `${texts.join("\n")}\n`),
  };
};

/** Types of the documentation; everything that is not named is text. */
const BOOLEAN = /^(LicenseIsAddon|KeyManagementService(DnsPublishing|LowPriority|HostCaching|ActivationDisabled))$/;
const DATETIME = /^(EvaluationEndDate|TrustedTime)$/;

const classText = (rows: readonly Properties[]): string => {
  const names = [...new Set(rows.flatMap((it) => Object.keys(it)))];
  const type = (name: string) => {
    if (BOOLEAN.test(name)) return "bool";
    if (DATETIME.test(name)) return "datetime";
    return rows.some((it) => typeof it[name] === "number") ? "u32" : "string";
  };
  return [
    ...names.map((it) => `@${it} ${type(it)}`),
    ...rows.flatMap((row) => [
      "---",
      ...names.flatMap((it) => (row[it] === null || row[it] === undefined ? [] : [`${it}=${row[it]}`])),
    ]),
    "",
  ].join("\n");
};

/** Compiled once for each version of its source, against mingw's copies of Windows' headers. */
const standIn = (home: WineHome, name: string): string => {
  const source = (file: string) => fileURLToPath(new URL(`mock/${file}`, import.meta.url));
  const code = [source(`${name}.c`), source("mock.h")];
  const hash = createHash("sha256");
  for (const it of code) hash.update(readFileSync(it));
  const dll = join(home.folder, `${name}-${hash.digest("hex").slice(0, 12)}.dll`);
  if (existsSync(dll)) return dll;
  const fresh = `${dll}.${process.pid}`;
  const args = [
    "-O1",
    "-Wall",
    "-Werror",
    "-Wno-unused",
    "-shared",
    "-o",
    fresh,
    code[0]!,
    "-lole32",
    "-loleaut32",
    "-luuid",
  ];
  const compiled = spawnSync("x86_64-w64-mingw32-gcc", args, { encoding: "utf8" });
  if (compiled.status !== 0) throw new Error(`${name}.c does not compile: ${compiled.stderr}`);
  renameSync(fresh, dll);
  return dll;
};
