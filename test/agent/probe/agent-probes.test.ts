import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { buildAlerts } from "../../../alerts/build.ts";
import { MAIN } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { seriesOf } from "../../support/facts.ts";
import { keeping, ownFolder } from "../../support/keep.ts";
import { dnsServer, rpcEndpoint } from "../../support/network.ts";
import { freePort, prometheus } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

/** The whole way on real parts: DNS, RPC, the agent's process, the collector's metrics and API. */
const keep = keeping();
const folder = ownFolder("probing");

const KMS = "kms01.contoso.test";

test("what DNS offers and whether it answers, until the host is gone, until the prober is gone", async () => {
  const kms = keep(await rpcEndpoint("accept"));
  const dns = keep(
    await dnsServer([
      "--local=/test/",
      `--srv-host=_vlmcs._tcp.contoso.test,${KMS},${kms.port},0,0`,
      `--srv-host=_vlmcs._tcp.contoso.test,rogue.contoso.test,1688,5,0`,
      `--host-record=${KMS},127.0.0.1`,
    ]),
  );
  const collector = keep(
    await runningCollector(`zones: [{ name: core }]\nkms: { expected_hosts: [${KMS}], srv_domains: [contoso.test] }`),
  );
  const config = join(folder(), "agent.yaml");
  writeFileSync(
    config,
    `collector: { url: "${collector.otlpUrl}" }
zone: core
host: prober.fabrikam.test
spool: { directory: ${folder()}/spool }
probes: { srv_domains: [contoso.test], dns_servers: ["127.0.0.1:${dns.port}"], schedule: "* * * * * *", jitter: 0s, timeout: 500ms }
`,
  );
  const child = spawn(process.execPath, [MAIN, "agent", "run", "--config", config], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  keep({
    stop: () => {
      child.kill("SIGKILL");
      return ended;
    },
  });
  const series = async () => seriesOf(await (await fetch(`${collector.webUrl}/metrics`)).text());
  const up = (probe: string) =>
    `activation_kms_host_up{kms_host="${KMS}",zone="unassigned",probe="${probe}",prober_zone="core"}`;

  await until(async () => (await series()).get(up("rpc")) === 1);
  const found = await series();
  expect(found.get(up("tcp"))).toBe(1);
  const record = (target: string, port: number, priority: number, state: string) =>
    `activation_kms_srv_record_info{domain="contoso.test",target="${target}",port="${port}",priority="${priority}",weight="0",state="${state}"}`;
  expect(found.get(record(KMS, kms.port, 0, "known"))).toBe(1);
  expect(found.get(record("rogue.contoso.test", 1688, 5, "unexpected"))).toBe(1);
  const published = (domain: string) =>
    `activation_kms_srv_published{kms_host="${KMS}",zone="unassigned",domain="${domain}"}`;
  expect(found.get(published("contoso.test"))).toBe(1);
  // The prober's own domain was looked up too; nobody said that the host should be there.
  expect(found.has(published("fabrikam.test"))).toBe(false);
  expect([...new Set(kms.received)]).toEqual(["bind"]);

  const port = await freePort();
  const rules = join(folder(), "rules");
  buildAlerts(rules, { pace: "immediate" }, { collectors: [new URL(collector.webUrl).host], interval: "1s" });
  keep(await prometheus(join(rules, "prometheus.yaml"), join(folder(), "tsdb"), port));
  const firing = async () => {
    const { data } = (await (await fetch(`http://127.0.0.1:${port}/api/v1/alerts`)).json()) as {
      data: { alerts: { state: string; labels: Record<string, string> }[] };
    };
    return data.alerts.filter((it) => it.state === "firing").map((it) => it.labels);
  };
  await until(async () => (await firing()).some((it) => it.alertname === "KmsUnexpectedHost"));
  expect((await firing()).find((it) => it.alertname === "KmsUnexpectedHost")).toMatchObject({
    target: "rogue.contoso.test",
    severity: "warning",
  });
  expect((await firing()).map((it) => it.alertname)).not.toContain("KmsHostDown");

  await kms.stop();
  await until(async () => (await firing()).some((it) => it.alertname === "KmsHostDown"));
  expect((await firing()).find((it) => it.alertname === "KmsHostDown")).toMatchObject({
    kms_host: KMS,
    severity: "critical",
  });
  await until(async () => (await series()).get(up("rpc")) === 0 && (await series()).get(up("tcp")) === 0);
  const { items } = (await (await fetch(`${collector.webUrl}/api/v1/probes`)).json()) as {
    items: Record<string, unknown>[];
  };
  expect(items.find((it) => it.probe === "tcp" && it.kms_host === KMS)).toMatchObject({
    prober: "prober.fabrikam.test",
    outcome: "refused",
    target: `${KMS}:${kms.port}`,
  });

  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  await until(async () => !(await series()).has(up("tcp")));
}, 60_000);
