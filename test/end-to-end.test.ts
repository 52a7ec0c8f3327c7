import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { buildAlerts } from "../alerts/build.ts";
import type { EventFact } from "../licensing/facts.ts";
import { DAY, HOUR, SECOND } from "../licensing/time.ts";
import { MAIN } from "./support/cli.ts";
import { KMS01, request } from "./support/facts.ts";
import { alertmanager, freePort, type Process, prometheus, started, webhook } from "./support/processes.ts";
import { until } from "./support/until.ts";

/** The whole pipeline with real programs and in real time: the events are placed, not the clock. */
let folder: string;
const running: { stop(): Promise<unknown> }[] = [];
const keep = <T extends { stop(): Promise<unknown> }>(it: T): T => {
  running.push(it);
  return it;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pipeline-"));
});
afterEach(async () => {
  for (const it of running.splice(0).reverse()) await it.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As Windows renders an event. */
const xml = ({ provider, eventId, time, recordId, channel, computer, data }: EventFact): string =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/><EventID Qualifiers='16384'>${eventId}</EventID><TimeCreated SystemTime='${time}'/><EventRecordID>${recordId}</EventRecordID><Channel>${channel}</Channel><Computer>${computer}</Computer></System><EventData>${data.map((it) => `<Data>${it}</Data>`).join("")}</EventData></Event>\n`;

const KMS02 = "kms02.contoso.com";
const FALLS_IN = 20 * SECOND;

/** 24 fresh clients, one that the host forgets soon, one that it has forgotten already, so that the log reaches back far enough. */
const month = (host: string, now: number): string =>
  [now - 31 * DAY, now - 30 * DAY + FALLS_IN, ...Array.from({ length: 24 }, (_, i) => now - DAY + i * SECOND)]
    .map((at, client) => xml(request({ at, client, host, recordId: 500 + client })))
    .join("");

const agentFor = async (host: string, collector: string, source: string): Promise<Process> => {
  const own = join(folder, host);
  mkdirSync(own, { recursive: true });
  const config = join(own, "agent.yaml");
  writeFileSync(
    config,
    `collector: { url: "${collector}" }\nzone: core\nhost: ${host}\nspool: { directory: ${own}/spool }\n${source}\nheartbeat: { kms_host_interval: 500ms }\n`,
  );
  return keep(await started(process.execPath, [MAIN, "agent", "run", "--config", config]));
};

interface Way {
  /** Lines of agent.yaml. */
  readonly source: (host: string) => string;
  readonly prepare: (host: string, now: number) => void;
  /** Two of the clients that the host has forgotten ask again. */
  readonly renew: (host: string) => void;
}
const WAYS: Readonly<Record<string, Way>> = {
  "from recorded event XML": {
    source: (host) => `recorded: { files: [${folder}/${host}/kms.xml], interval: 100ms, live: true }`,
    prepare: (host, now) => {
      mkdirSync(join(folder, host), { recursive: true });
      writeFileSync(join(folder, host, "kms.xml"), month(host, now));
    },
    renew: (host) => {
      const renewals = [1, 2].map((client) =>
        xml(request({ at: Date.now() - HOUR / 60, client, host, recordId: 600 + client })),
      );
      appendFileSync(join(folder, host, "kms.xml"), renewals.join(""));
    },
  },
  "from the simulation": {
    source: (host) =>
      `recorded: { interval: 100ms }\nsimulated: { kms_host: ${host}, falls_in: ${FALLS_IN}ms, recovers_after: 8s }`,
    prepare: () => {},
    // It does so by itself.
    renew: () => {},
  },
};

test.each(Object.entries(WAYS))(
  "a count that falls pages, with host, zone, class and numbers, and resolves; a silent host never pages: %s",
  async (_, way) => {
    const [otlp, web, prometheusPort, alertmanagerPort] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const hook = keep(await webhook());
    const rules = join(folder, "rules");
    buildAlerts(
      rules,
      { pace: "immediate", thresholds: { host_unknown_after: 10 } },
      {
        collectors: [`127.0.0.1:${web}`],
        alertmanager: `127.0.0.1:${alertmanagerPort}`,
        interval: "1s",
        grouping: { wait: "1s", interval: "1s", repeat: "1h" },
        pageUrl: `${hook.url}/page`,
        notifyUrl: `${hook.url}/notify`,
      },
    );
    const collectorConfig = join(folder, "collector.yaml");
    writeFileSync(
      collectorConfig,
      `otlp: { listen: "127.0.0.1:${otlp}" }\nhttp: { listen: "127.0.0.1:${web}" }\nstore: { url: "sqlite:${folder}/activation.db" }\nzones: [{ name: core, kind: core }]\n`,
    );
    keep(
      await started(
        process.execPath,
        [MAIN, "collector", "run", "--config", collectorConfig],
        `http://127.0.0.1:${web}/-/ready`,
      ),
    );
    keep(await alertmanager(join(rules, "alertmanager.yaml"), join(folder, "am"), alertmanagerPort));
    keep(await prometheus(join(rules, "prometheus.yaml"), join(folder, "tsdb"), prometheusPort));

    const now = Date.now();
    for (const host of [KMS01, KMS02]) way.prepare(host, now);
    const url = `http://127.0.0.1:${otlp}`;
    await agentFor(KMS01, url, way.source(KMS01));
    const silent = await agentFor(KMS02, url, way.source(KMS02));
    const noticed = (path: string, alertname: string, host: string, status = "firing") =>
      hook.notices.find(
        (it) =>
          it.path === path && it.labels.alertname === alertname && it.labels.kms_host === host && it.status === status,
      );

    await until(async () => noticed("/notify", "KmsCountForecastBelowThreshold", KMS02) !== undefined);
    await silent.stop("SIGKILL");
    await until(async () => noticed("/notify", "KmsCountForecastBelowThreshold", KMS01) !== undefined);
    expect(noticed("/page", "KmsCountBelowThreshold", KMS01)).toBeUndefined();
    expect(Date.now()).toBeLessThan(now + FALLS_IN);

    await until(async () => noticed("/page", "KmsCountBelowThreshold", KMS01) !== undefined, 40_000);
    const page = noticed("/page", "KmsCountBelowThreshold", KMS01)!;
    expect(page.labels).toMatchObject({
      kms_host: KMS01,
      zone: "core",
      product_class: "client",
      kind: "core",
      severity: "critical",
    });
    expect(page.annotations.description).toContain(
      "kms01.contoso.com (zone core) counts 24 of the 25 computers that it needs to activate Windows clients",
    );
    expect(Date.now()).toBeGreaterThan(now + FALLS_IN);

    way.renew(KMS01);
    await until(async () => noticed("/page", "KmsCountBelowThreshold", KMS01, "resolved") !== undefined, 40_000);

    await until(async () => noticed("/notify", "KmsHostUnknown", KMS02) !== undefined, 40_000);
    expect(hook.notices.filter((it) => it.path === "/page").map((it) => it.labels.kms_host)).toEqual([KMS01, KMS01]);
  },
  120_000,
);
