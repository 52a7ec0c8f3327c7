import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createNetServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";
import { buildAlerts } from "../../alerts/build.ts";
import { WORDS } from "../../alerts/locales/languages.ts";
import { exampleConfig } from "../../alerts/receivers.ts";
import { ownFolder } from "../support/keep.ts";
import { alertmanager, freePort, type Process } from "../support/processes.ts";
import { until } from "../support/until.ts";

/** The example configuration, run by the real Alertmanager against local receivers: HTTP services and a mail server. */
const folder = ownFolder("receivers");
const requests: { path: string; body: string }[] = [];
const mails: string[] = [];

const http = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (it) => chunks.push(it));
  request.on("end", () => {
    requests.push({ path: request.url ?? "", body: Buffer.concat(chunks).toString() });
    response.writeHead(request.url?.startsWith("/pagerduty") ? 202 : 200).end("ok");
  });
});
/** As much SMTP as a mail needs. */
const smtp = createNetServer((socket) => {
  let isData = false;
  let mail = "";
  socket.write("220 mail.test\r\n");
  socket.on("error", () => {});
  socket.on("data", (it) => {
    for (const line of it.toString().split("\r\n")) {
      if (isData) {
        mail += `${line}\n`;
        if (line !== ".") continue;
        isData = false;
        mails.push(mail);
        mail = "";
        socket.write("250 stored\r\n");
      } else if (/^DATA/i.test(line)) {
        isData = true;
        socket.write("354 go on\r\n");
      } else if (line) socket.write("250 ok\r\n");
    }
  });
});
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

let web: string;
let mailHost: string;
beforeAll(async () => {
  web = `http://127.0.0.1:${await listening(http)}`;
  mailHost = `127.0.0.1:${await listening(smtp)}`;
});
afterAll(() => {
  http.close();
  smtp.close();
});

const decoded = (mail: string): string =>
  Buffer.from(
    mail
      .replaceAll(/=\n/g, "")
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");

const KMS01 = { kms_host: "kms01.contoso.com", zone: "core" };
const alert = (alertname: string, severity: string, summary: string) => ({
  labels: { alertname, severity, ...KMS01 },
  annotations: {
    summary,
    description: `${summary} <b>23 of 25</b>`,
    runbook_url: `https://collector/runbook#${alertname.toLowerCase()}`,
    dashboard_url: "https://grafana/d/activation-kms",
  },
});

describe.each(["en", "ja"] as const)("in %s", (language) => {
  test("a critical alert goes to PagerDuty and by mail, a warning to Slack and by mail, the Watchdog to the switch", async () => {
    const words = WORDS[language];
    requests.length = 0;
    mails.length = 0;
    buildAlerts(folder(), { words });
    const config = exampleConfig({
      smtp: mailHost,
      smtpTls: false,
      slack: { api_url: `${web}/slack` },
      pagerDuty: `${web}/pagerduty`,
      deadMansSwitch: `${web}/switch`,
    }) as { route: { group_wait: string } };
    config.route.group_wait = "0s";
    writeFileSync(join(folder(), "test.yaml"), stringify(config));
    const port = await freePort();
    const running: Process = await alertmanager(join(folder(), "test.yaml"), join(folder(), "data"), port);
    try {
      await fetch(`http://127.0.0.1:${port}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([
          alert("KmsCountBelowThreshold", "critical", "2 missing"),
          alert("KmsTableLost", "warning", "Table lost"),
          { labels: { alertname: "Watchdog", severity: "info" } },
        ]),
      });
      const bodyAt = (path: string) => requests.find((it) => it.path === path)?.body;
      await until(async () => ["/slack", "/pagerduty", "/switch"].every(bodyAt) && mails.length >= 2, 20_000);
    } finally {
      await running.stop();
    }
    const slack = JSON.parse(requests.find((it) => it.path === "/slack")!.body) as {
      attachments: { title: string; title_link: string; text: string }[];
    };
    expect(slack.attachments[0]).toMatchObject({
      title: `[${words.notification.firing}] Table lost`,
      title_link: "https://collector/runbook#kmstablelost",
      text: expect.stringContaining("https://grafana/d/activation-kms"),
    });
    const page = JSON.parse(requests.find((it) => it.path === "/pagerduty")!.body) as {
      payload: { summary: string; severity: string; custom_details: { text: string } };
      links: { href: string }[];
    };
    expect(page).toMatchObject({
      payload: { summary: `[${words.notification.firing}] 2 missing`, severity: "critical" },
      links: [{ href: "https://collector/runbook#kmscountbelowthreshold" }],
    });
    expect(page.payload.custom_details.text).toContain("23 of 25");
    const mail = mails.map(decoded).find((it) => it.includes("2 missing"))!;
    expect(mail).toContain('<a href="https://collector/runbook#kmscountbelowthreshold">');
    expect(mail).toContain("&lt;b&gt;23 of 25&lt;/b&gt;");
    expect(mail).toContain(words.notification.runbook);
  }, 60_000);
});

test("the example files name secrets by file, and the template", () => {
  buildAlerts(folder());
  const files = buildAlerts(folder()).map(({ file }) => file.slice(folder().length + 1));
  expect(files).toEqual(
    expect.arrayContaining(["alertmanager-example.yaml", "alertmanager-teams.yaml", "activation.tmpl"]),
  );
  const text = stringify(exampleConfig());
  expect(text).not.toMatch(/routing_key:|api_url:|password:/);
  expect(parse(text)).toMatchObject({ templates: ["activation.tmpl"] });
});
