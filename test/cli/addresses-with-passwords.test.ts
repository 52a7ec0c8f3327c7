import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { normalise } from "../../licensing/events/normalise.ts";
import { MAIN } from "../support/cli.ts";
import { request } from "../support/facts.ts";
import { ownFolder } from "../support/keep.ts";
import { freePort } from "../support/processes.ts";

const folder = ownFolder("addresses");

test.each<[string, (url: string) => string[], RegExp]>([
  ["worksheet", (url) => ["collector", "worksheet", "--url", url], /cannot be reached/],
  ["import", (url) => ["collector", "import", join(folder(), "a.ndjson"), "--url", url], /cannot be reached/],
  [
    "the simulated fleet",
    (url) => ["fleet", "simulate", "--once", "--hosts", "1", "--url", url],
    /nothing listens there/,
  ],
  ["an agent", () => ["agent", "run", "--config", join(folder(), "agent.yaml")], /Reporting to .*ECONNREFUSED/s],
])("%s tells the address without the password in it", async (_, command, expected) => {
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://reporter:pass-word@${address}`;
  writeFileSync(join(folder(), "a.ndjson"), JSON.stringify(normalise(request({ at: Date.now(), client: 1 }))));
  writeFileSync(
    join(folder(), "agent.yaml"),
    `collector: { url: "${url}" }\nspool: { directory: ${join(folder(), "spool")} }\n`,
  );
  const child = spawn(process.execPath, [MAIN, ...command(url)]);
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      told += text;
      if (expected.test(told)) child.kill("SIGTERM");
    });
  await new Promise((resolve) => child.on("close", resolve));
  expect(told).toMatch(expected);
  expect(told).toContain(`http://${address}`);
  expect(told).not.toContain("pass-word");
});
