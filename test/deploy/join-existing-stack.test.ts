import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { authorityIn } from "../support/certificates.ts";
import { ROOT } from "../support/cli.ts";
import { ownFolder } from "../support/keep.ts";

const folder = ownFolder("join");
const BLOCKS = [
  ...readFileSync(join(ROOT, "docs/join-existing-stack.md"), "utf8").matchAll(/^```yml\n(.*?)^```$/gms),
].map(([, text]) => text!);
const PROMETHEUS = BLOCKS.filter((it) => /^(scrape_configs|rule_files):/m.test(it));

/** promtool looks whether the files that a configuration names can be read. */
beforeEach(() => {
  const authority = authorityIn(folder());
  authority.issue("prometheus", "prometheus.contoso.com");
  copyFileSync(authority.ca, join(folder(), "activation-ca.pem"));
  writeFileSync(join(folder(), "activation-password"), "a password\n");
  writeFileSync(join(folder(), "activation-a.json"), '[{ "targets": ["c1.contoso.com:9688"] }]');
});

test("the page has every kind of discovery", () => {
  const kinds = PROMETHEUS.flatMap((it) => [...it.matchAll(/(\w+)_configs: ?\[/g)].map(([, kind]) => kind!));
  for (const it of ["static", "file_sd", "http_sd", "kubernetes_sd"]) expect(kinds).toContain(it);
});

test.each(PROMETHEUS.map((text, i) => [i + 1, text] as const))("promtool takes block %d", (_, text) => {
  const here = text.replaceAll("/etc/prometheus/", `${folder()}/`);
  const file = join(folder(), "prometheus.yaml");
  writeFileSync(file, here);
  const check = () => spawnSync("promtool", ["check", "config", file], { encoding: "utf8" });
  let checked = check();
  // Debian builds Prometheus without discovery in Kubernetes; the rest of that block is checked all the same.
  if (checked.stderr.includes("field kubernetes_sd_configs not found")) {
    writeFileSync(file, here.replace(/^ *kubernetes_sd_configs:.*\n/m, ""));
    checked = check();
  }
  const { status, stderr, stdout } = checked;
  expect([status, stderr + stdout]).toEqual([0, expect.stringContaining("SUCCESS")]);
});

test("each pipeline of the OpenTelemetry Collector names parts that are configured, and its queue is on disk", () => {
  const config = parse(BLOCKS.find((it) => /^receivers:/m.test(it))!);
  const { logs } = config.service.pipelines;
  for (const section of ["receivers", "processors", "exporters"] as const)
    for (const it of logs[section]) expect(Object.keys(config[section])).toContain(it);
  for (const it of config.service.extensions) expect(Object.keys(config.extensions)).toContain(it);
  expect(config.exporters.otlp_http).toMatchObject({
    compression: "gzip",
    retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
    sending_queue: { storage: "file_storage" },
  });
});
