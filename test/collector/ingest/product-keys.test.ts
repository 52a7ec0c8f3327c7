import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { SCOPE } from "../../../licensing/telemetry/otlp-mapping.ts";
import type { AnyMap, LogGroup, LogRecord } from "../../../otlp/logs.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { cli } from "../../support/cli.ts";
import { runningCollector } from "../../support/collector.ts";
import { REQUEST, SAMPLES, xmlOf } from "../../support/event-forms.ts";
import { fromAgent, heartbeat, licensing, product } from "../../support/facts.ts";
import { keeping } from "../../support/keep.ts";

const keep = keeping();

/** Invented. Each group is looked for alone, in capital and small letters. */
const GROUPS = ["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"];
const KEY = GROUPS.join("-");
const WRITTEN = [
  KEY,
  KEY.toLowerCase(),
  `x${KEY}`,
  `${KEY}-`,
  GROUPS.join(" "),
  GROUPS.join("\u2013"),
  GROUPS.join("\u2010"),
  GROUPS.join("-\u200b"),
  GROUPS.join(""),
  `${KEY}-${KEY}`,
];
const LEAK = /BCDFG.{0,3}HJKMN|HJKMN.{0,3}PQRTV|PQRTV.{0,3}WXY23/i;

const HOST = "pc1.contoso.com";
const now = Date.now();
const nanos = BigInt(now) * 1_000_000n;
const agent = (attributes: AnyMap, ...records: Partial<LogRecord>[]): LogGroup => ({
  resource: { attributes: { "service.name": "activation-agent", "host.name": HOST, ...attributes } },
  scope: { name: SCOPE, version: "1" },
  records: records.map((it) => ({ timeUnixNano: nanos, attributes: {}, body: null, ...it })),
});
const heartbeatBody = {
  channels: {},
  spooled_records: 0,
  oldest_unsent_seconds: 0,
  dropped_records: {},
  sent_at: new Date(now).toISOString(),
};
const event = { ...REQUEST, computer: HOST, time: new Date(now - 60_000).toISOString().replace("Z", "0000Z") };

/** Every place where a sender chooses a text. */
const doors = (key: string): LogGroup[] => [
  fromAgent(HOST, [licensing([product({ Name: key, Description: `a ${key}`, [key]: 1 })]), heartbeat(now)], now),
  agent(
    { "os.name": key, "os.version": key, "service.version": key, "activation.zone": key },
    { eventName: "activation.agent", body: heartbeatBody },
  ),
  agent({ "host.name": key }, { eventName: "activation.agent", body: heartbeatBody }),
  agent(
    {},
    {
      eventName: "activation.agent",
      body: {
        ...heartbeatBody,
        channels: { [key]: { read_until: key } },
        failing_sources: { [key]: 2 },
        dropped_records: { [key]: 1 },
      },
    },
  ),
  agent(
    {},
    {
      eventName: "activation.probe",
      body: { probe: "dns_srv", target: key, outcome: "ok", records: [{ target: key, port: 1688 }] },
    },
  ),
  agent({}, { eventName: "activation.probe", body: { probe: "tcp", target: key, outcome: key } }),
  agent({}, { eventName: key, body: { a: key, [key]: key } }),
  agent({}, { eventName: "windows.event", body: xmlOf({ ...event, channel: key }) }),
  agent({}, { eventName: "windows.event", body: xmlOf({ ...event, eventId: 1192, data: [key, `<${key}>`] }) }),
  agent(
    {},
    {
      eventName: "windows.event",
      body: xmlOf({ ...event, eventId: 12293, channel: "Application", data: ["0x80072338", key] }),
    },
  ),
  agent(
    {},
    {
      eventName: "windows.event",
      body: xmlOf({ ...event, data: event.data.map((it) => it.replace("pc1.contoso.com", key)) }),
    },
  ),
  agent({}, { eventName: "windows.event", body: `<Event><${key}/>` }),
  ...SAMPLES.map(
    ({ write }) => agent({}, { body: write({ ...event, eventId: 1193, data: [key] }) as AnyMap }).records,
  ).map((records): LogGroup => ({ resource: { attributes: {} }, scope: { name: "x", version: key }, records })),
];

test("no product key gets into the database, the metrics, the pages, the API or a support bundle", async () => {
  const collector = keep(await runningCollector());
  for (const key of WRITTEN) {
    const response = await fetch(`${collector.otlpUrl}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: Buffer.from(encodeLogs(doors(key))),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).not.toMatch(LEAK);
  }
  const shown = await Promise.all(
    [
      "/metrics",
      "/",
      "/api/v1/computers",
      `/api/v1/computers/${HOST}`,
      "/api/v1/events?limit=500",
      "/api/v1/kms-hosts",
    ].map(async (path) => [path, await (await fetch(collector.webUrl + path)).text()] as const),
  );
  for (const [path, text] of shown) expect([path, LEAK.exec(text)?.[0]]).toEqual([path, undefined]);
  expect(shown.find(([path]) => path.includes("events"))![1]).toContain("(redacted)");
  const bundle = join(collector.folder, "bundle.tar.gz");
  const ran = await cli(["support-bundle", "--computer", HOST, "--out", bundle, "--url", collector.webUrl]);
  expect(ran).toMatchObject({ code: 0 });
  const { gunzipSync } = await import("node:zlib");
  expect(LEAK.exec(gunzipSync(readFileSync(bundle)).toString("latin1"))?.[0]).toBeUndefined();
  for (const file of readdirSync(collector.folder).filter((it) => it.startsWith("activation.db")))
    expect([file, LEAK.exec(readFileSync(join(collector.folder, file), "latin1"))?.[0]]).toEqual([file, undefined]);
}, 60_000);
