import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildAlerts } from "../../alerts/build.ts";
import { alertmanager, freePort, type Process } from "../support/processes.ts";
import { until } from "../support/until.ts";

let folder: string;
let running: Process;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "inhibition-"));
  buildAlerts(folder);
  const port = await freePort();
  url = `http://127.0.0.1:${port}/api/v2/alerts`;
  running = await alertmanager(join(folder, "alertmanager.yaml"), join(folder, "data"), port);
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

type Labels = Readonly<Record<string, string>>;
interface Alert {
  readonly labels: Labels;
  readonly status: { readonly state: string };
}

const KMS01 = { kms_host: "kms01", zone: "core" };
const KMS03 = { kms_host: "kms03", zone: "core" };
const KMS04 = { kms_host: "kms04", zone: "core" };
const KMS02 = { kms_host: "kms02", zone: "core" };

/** A cause, what it explains, and its like that something else must have caused. */
test.each<[string, Labels, Labels, Labels]>([
  ["KmsHostDown", KMS01, { alertname: "KmsHostUnknown", ...KMS01 }, { alertname: "KmsHostUnknown", ...KMS02 }],
  [
    "KmsHostDown",
    KMS03,
    { alertname: "KmsHostUnreachable", ...KMS03, prober_zone: "lab-7" },
    { alertname: "KmsCountBelowThreshold", ...KMS03, product_class: "client" },
  ],
  [
    "KmsClientsUncovered",
    { ...KMS02, product: "Windows Server 2016 Standard" },
    { alertname: "KmsRequestsFailing", ...KMS02, reason: "unsupported_product" },
    { alertname: "KmsRequestsFailing", ...KMS02, reason: "clock_skew" },
  ],
  [
    "KmsDnsPublishFailed",
    { ...KMS01, domain: "a.com" },
    { alertname: "KmsSrvRecordMissing", ...KMS01, domain: "a.com" },
    { alertname: "KmsSrvRecordMissing", ...KMS01, domain: "b.com" },
  ],
  [
    "KmsHostUnknown",
    KMS04,
    { alertname: "KmsCountNearThreshold", ...KMS04, product_class: "client" },
    { alertname: "KmsHostNotLicensed", ...KMS04, application: "windows" },
  ],
  [
    "LicenseFleetAnomaly",
    { zone: "branch" },
    { alertname: "LicenseNotification", zone: "branch" },
    { alertname: "LicenseNotification", zone: "lab-7" },
  ],
])("%s %j silences %j, not %j", async (alertname, labels, explained, other) => {
  const alerts = [{ alertname, ...labels }, explained, other].map((it) => ({ labels: { ...it, test: alertname } }));
  const posted = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts),
  });
  expect(posted.status).toBe(200);
  const state = async (wanted: Labels) => {
    const all = (await (await fetch(url)).json()) as Alert[];
    return all.find((it) => Object.entries(wanted).every(([key, value]) => it.labels[key] === value))?.status.state;
  };
  await until(async () => (await state(explained)) === "suppressed");
  await until(async () => (await state(other)) === "active");
});
