import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect } from "@jest/globals";
import { NODE_FLAGS } from "../../agent/commands/service-names.ts";
import { ENGLISH } from "../support/wine.ts";
import { type Computer, windowsComputer } from "./computer.ts";
import { underWine } from "./under-wine.ts";

const SCRIPT = `
const { getCACertificates } = require("node:tls");
const trusted = new Set(getCACertificates("default"));
const system = getCACertificates("system");
console.log(JSON.stringify({ system: system.length, trusted: system.filter((it) => trusted.has(it)).length }));
`;

underWine("Certificates of Windows' store", [ENGLISH], ({ home, test }) => {
  let windows: Computer;
  afterEach(() => windows.close());

  test("are trusted by the service's command, and not without its option", async () => {
    windows = await windowsComputer(home, ENGLISH);
    writeFileSync(join(windows.wine.folder, "trusted.cjs"), SCRIPT);
    // Wine's store has roots of Microsoft's, some of which Node does not know.
    const counted = async (flags: readonly string[]) => {
      const ran = await windows.wine.run(["Z:\\computer\\app\\node.exe", ...flags, "Z:\\computer\\trusted.cjs"]);
      return JSON.parse(ran.out) as { system: number; trusted: number };
    };
    const { system, trusted } = await counted(NODE_FLAGS);
    expect(system).toBeGreaterThan(0);
    expect(trusted).toBe(system);
    const without = await counted(NODE_FLAGS.filter((it) => it !== "--use-system-ca"));
    expect(without.trusted).toBeLessThan(without.system);
  }, 60_000);
});
