import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildAlerts } from "../../../alerts/build.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { fromAgent, heartbeat, KMS01, request } from "../../support/facts.ts";
import { getFrom, postTo } from "../../support/http.ts";
import { alertmanager, freePort, type Process } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

/** A real Alertmanager whose alerts the page of a KMS host shows. */
let folder: string;
let manager: Process;
let address: string;
let collector: Running;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "host-page-"));
  buildAlerts(folder);
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  manager = await alertmanager(join(folder, "alertmanager.yaml"), join(folder, "data"), port);
  collector = await runningCollector(`links: { alertmanager: "${address}", grafana: "https://grafana.contoso.com/" }`);
  const now = Date.now();
  const requests = Array.from({ length: 30 }, (_, i) => request({ at: now - i * 3_600_000, client: i }));
  await postTo(collector.otlpUrl, encodeLogs([fromAgent(KMS01, [...requests, heartbeat(now)], now)]));
});
afterAll(async () => {
  await collector.stop();
  await manager.stop();
  rmSync(folder, { recursive: true });
});

const page = async () => (await getFrom(`${collector.webUrl}/kms-hosts/${KMS01}`)).text;
const post = (path: string, body: unknown) =>
  fetch(address + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const labels = (alertname: string, kms_host: string) => ({ alertname, kms_host, zone: "core", severity: "critical" });

test("alerts that fire, that are silenced and that another one explains, of this host only, with their runbook", async () => {
  expect(await page()).toContain("No alert of this host fires.");
  const summary = "<b>1 client</b> missing";
  const alerts = [
    { labels: labels("KmsHostUnknown", KMS01), annotations: { summary } },
    { labels: labels("KmsNoRequests", KMS01) },
    { labels: labels("KmsTableLost", KMS01) },
    { labels: labels("KmsHostDown", "kms02.contoso.com") },
  ];
  await post("/api/v2/alerts", alerts);
  const matchers = [{ name: "alertname", value: "KmsTableLost", isRegex: false }];
  const [startsAt, endsAt] = [new Date().toISOString(), new Date(Date.now() + 3_600_000).toISOString()];
  await post("/api/v2/silences", { matchers, startsAt, endsAt, createdBy: "test", comment: "planned" });
  const row = (text: string, alert: string) =>
    new RegExp(`<tr[^>]*><th[^>]*><a href="/runbook/${alert}">.*?</tr>`, "s").exec(text)?.[0] ?? "";
  await until(async () => row(await page(), "KmsTableLost").includes("silenced"));
  await until(async () => row(await page(), "KmsNoRequests").includes("suppressed by another alert"));
  const text = await page();
  expect(row(text, "KmsHostUnknown")).toMatch(/class="risk".*fires.*&lt;b&gt;1 client&lt;\/b&gt; missing/s);
  expect(text).not.toContain("KmsHostDown");
  expect(text).toContain('href="https://grafana.contoso.com/d/activation-kms?var-kms_host=kms01.contoso.com"');
});

test("without an answer the page says so, and shows whose conditions hold", async () => {
  await manager.stop();
  const text = await page();
  expect(text).toContain("did not answer");
  expect(text).toContain('href="/runbook/KmsCountNearThreshold"');
});
