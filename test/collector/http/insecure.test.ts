import { spawn } from "node:child_process";
import { expect, test } from "@jest/globals";
import { MAIN } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { getFrom } from "../../support/http.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { until } from "../../support/until.ts";

const keep = keeping();
const folder = ownFolder("insecure");

test("an accepted risk stands on the page, and nowhere else is anything", async () => {
  const open = keep(
    await runningCollector("http: { insecure: true }", undefined, { ACTIVATION_HTTP_LISTEN: "0.0.0.0:0" }),
  );
  expect((await getFrom(open.webUrl)).text).toContain('<p class="warning">http.insecure: 0.0.0.0 is reachable');
  const closed = keep(await runningCollector());
  expect((await getFrom(closed.webUrl)).text).not.toContain('class="warning"');
});

test("the log repeats it at each start, with the address as it is bound", async () => {
  const child = spawn(process.execPath, [MAIN, "collector", "run"], {
    cwd: folder(),
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      ACTIVATION_OTLP_LISTEN: "0.0.0.0:0",
      ACTIVATION_OTLP_INSECURE: "true",
      ACTIVATION_HTTP_LISTEN: "127.0.0.1:0",
    },
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  keep({
    stop: () => {
      child.kill();
      return ended;
    },
  });
  let log = "";
  child.stderr.on("data", (it) => {
    log += it;
  });
  await until(async () => log.includes("OTLP on"));
  expect(log).toMatch(
    /"warn".*otlp\.insecure: 0\.0\.0\.0 is reachable|otlp\.insecure: 0\.0\.0\.0 is reachable.*"warn"/,
  );
  expect(log).toMatch(/OTLP on http:\/\/0\.0\.0\.0:\d+, pages and metrics on http:\/\/127\.0\.0\.1:\d+/);
});
