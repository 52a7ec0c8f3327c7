import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { runningBrowser } from "../../support/browser.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { events, fromAgent, heartbeat, licensing, request } from "../../support/facts.ts";
import { getFrom, postTo } from "../../support/http.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const KMS01 = "kms01.contoso.com";
const EVIL = '<img src=x onerror="alert(1)">';
const PATHS = ["/", "/computers", "/deadlines?days=180", "/failures", "/worksheet", "/pipeline", "/runbook"];
const OF_ONE = [
  `/kms-hosts/${KMS01}`,
  "/computers/pc1.contoso.com",
  "/runbook/KmsHostDown",
  "/kms-hosts/nobody",
  "/time-zone",
];

let browser: Browser;
let fleet: Running;
let empty: Running;
beforeAll(async () => {
  browser = await runningBrowser();
  fleet = await runningCollector("zones: [{ name: core, kind: core }]");
  empty = await runningCollector();
  const now = Date.now();
  const requests = Array.from({ length: 30 }, (_, i) => request({ at: now - i * 3_600_000, client: i }));
  await postTo(fleet.otlpUrl, encodeLogs(events(5)), {});
  await postTo(fleet.otlpUrl, encodeLogs([fromAgent(KMS01, [...requests, heartbeat(now)], now)]), {});
  const computers = Array.from({ length: 60 }, (_, i) =>
    fromAgent(`pc${i}.contoso.com`, [licensing(), heartbeat(now)], now),
  );
  await postTo(fleet.otlpUrl, encodeLogs(computers), {});
  await postTo(fleet.otlpUrl, "x", { "content-type": "text/plain" });
});
afterAll(async () => {
  await browser.close();
  await fleet.stop();
  await empty.stop();
});

const opened = async (url: string, options: BrowserContextOptions = {}): Promise<Page> => {
  const page = await browser.newPage({ locale: "en", ...options });
  await page.goto(url);
  return page;
};

/** One language in each colour scheme: texts differ by language, contrast by scheme, and both by neither. */
describe.each([
  ["en", "light"],
  ["ja", "dark"],
] as const)(
  "in %s and %s, axe finds nothing, at 400 px nothing is cut off, the page is under 100 KB",
  (locale, colorScheme) => {
    const check = async (url: string): Promise<void> => {
      const page = await browser.newPage({ locale, colorScheme, viewport: { width: 400, height: 800 } });
      try {
        const response = await page.goto(url);
        expect((await response!.body()).length).toBeLessThan(100_000);
        expect(await page.locator("html").getAttribute("lang")).toBe(locale);
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate("axe.run()")) as Violations;
        expect(violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
      } finally {
        await page.close();
      }
    };
    test.each([...PATHS, ...OF_ONE])("%s with a fleet", (path) => check(fleet.webUrl + path));
    test.each(PATHS.filter((it) => it !== "/runbook"))("%s of an empty collector", (path) =>
      check(empty.webUrl + path),
    );
  },
);
interface Violations {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

test("no page needs a script or reloads itself", async () => {
  for (const path of [...PATHS, ...OF_ONE])
    expect((await getFrom(fleet.webUrl + path)).text).not.toMatch(/<script|http-equiv|\son\w+=/i);
});

test("from the overview to a KMS host, to a client, and back to its KMS host", async () => {
  const page = await opened(fleet.webUrl);
  await page.getByRole("link", { name: `Clients and details of ${KMS01}` }).click();
  expect(page.url()).toBe(`${fleet.webUrl}/kms-hosts/${KMS01}`);
  const clients = page.getByRole("region", { name: "Clients: Windows" });
  expect(await clients.getByRole("row").count()).toBe(31);
  await page.goto(`${fleet.webUrl}/computers`);
  await page.getByRole("link", { name: "pc10.contoso.com" }).click();
  await page.getByRole("heading", { name: "pc10.contoso.com" }).waitFor();
  expect(await page.getByRole("region", { name: "Licenses" }).textContent()).toContain("licensed");
});

test("computers: search, filters, pages and CSV", async () => {
  const page = await opened(`${fleet.webUrl}/computers`);
  const rows = page.getByRole("region", { name: "Computers" }).getByRole("row");
  expect(await rows.count()).toBe(51);
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByRole("link", { name: "First page" }).waitFor();
  expect(await rows.count()).toBeGreaterThan(10);
  await page.getByLabel("Part of the name").fill("PC5");
  await page.getByLabel("Status").selectOption("licensed");
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/status=licensed/);
  expect(await rows.count()).toBe(12);
  const link = await page.getByRole("link", { name: /CSV/ }).getAttribute("href");
  const csv = await getFrom(fleet.webUrl + link);
  expect([csv.type, csv.text.trim().split("\r\n").length]).toEqual(["text/csv; charset=utf-8", 12]);
  await page.getByLabel("Status").selectOption("notification");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No computer matches.").waitFor();
});

test("the language is switched on any page and kept on the next one", async () => {
  const page = await opened(`${fleet.webUrl}/computers?q=pc5`);
  await page.getByRole("link", { name: "日本語" }).click();
  expect(new URL(page.url()).searchParams.get("q")).toBe("pc5");
  await page.getByRole("link", { name: "ランブック" }).click();
  await page.getByRole("heading", { name: "KmsHostDown" }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("ja");
  await page.getByRole("link", { name: "English" }).click();
  await page.getByRole("link", { name: "Overview" }).click();
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
});

test("a reader chooses a time zone once; UTC stays at hand", async () => {
  const page = await opened(`${fleet.webUrl}/kms-hosts/${KMS01}?x=1`);
  const first = page.locator("main time").first();
  const utc = await first.textContent();
  expect(utc).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  await page.getByRole("link", { name: "change" }).click();
  await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(`${fleet.webUrl}/kms-hosts/${KMS01}?x=1`);
  expect(await first.textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC\+9$/);
  expect(await first.getAttribute("title")).toBe(utc);
  await page.goto(`${fleet.webUrl}/computers`);
  expect(await page.locator("main time").first().textContent()).toContain("UTC+9");
  await page.getByRole("link", { name: "show UTC" }).click();
  await page.waitForURL(`${fleet.webUrl}/computers`);
  expect(await page.locator("main time").first().textContent()).toMatch(/ UTC$/);
});

test.each(["//evil.example", "/\\evil.example", "https://evil.example/", "/a b", "\\\\evil.example"])(
  "the choice of a time zone leads back to this collector only, not to %s",
  async (back) => {
    const response = await fetch(`${fleet.webUrl}/time-zone?${new URLSearchParams({ name: "UTC", back })}`, {
      redirect: "manual",
    });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
  },
);

test("the first page tells where to send reports and what to scrape, by the addresses of this collector", async () => {
  const page = await opened(empty.webUrl);
  await page.getByRole("heading", { name: "Waiting for the first KMS host" }).waitFor();
  const text = (await page.locator("main").textContent())!;
  expect(text).toContain(`${empty.otlpUrl}/v1/logs`);
  expect(text).toContain(`COLLECTORURL=${empty.otlpUrl}`);
  expect(text).toContain(`endpoint: ${empty.otlpUrl}`);
  expect(text).toContain(`targets: ["${new URL(empty.webUrl).host}"]`);
  await page.goto(fleet.webUrl);
  expect(await page.locator("main").textContent()).not.toContain("COLLECTORURL");
  await page.getByRole("link", { name: "Connect" }).click();
  await page.getByText(`COLLECTORURL=${fleet.otlpUrl}`).waitFor();
});

test("the overview sums up computers, licenses and agents, and says what to do next", async () => {
  const page = await opened(fleet.webUrl);
  const section = (name: string) => page.locator("section", { has: page.getByRole("heading", { name, exact: true }) });
  expect(await section("Computers").textContent()).toMatch(/reporting6\d/);
  expect(await section("Licenses").textContent()).toContain("licensed60");
  expect(await section("Agents").textContent()).toContain("Records not delivered0");
  expect(await section("What to do next").textContent()).toContain("The collector refused 1 request");
  await page
    .getByRole("link", { name: /^Runbook: / })
    .first()
    .click();
  expect(new URL(page.url()).pathname).toMatch(/^\/runbook\/Kms/);
});

test("the address in an alert shows that alert", async () => {
  const page = await opened(`${fleet.webUrl}/runbook#kmshostdown`);
  expect(await page.locator("#kmshostdown:target").textContent()).toContain("KmsHostDown");
  expect((await getFrom(`${fleet.webUrl}/runbook/kmshostdown`)).text).toContain("<h1>KmsHostDown</h1>");
  expect((await getFrom(`${fleet.webUrl}/runbook/nothing`)).status).toBe(404);
});

test("the pipeline shows refused senders with what to do", async () => {
  const page = await opened(`${fleet.webUrl}/pipeline`);
  const refused = await page.getByRole("region", { name: "Refused requests" }).textContent();
  expect(refused).toMatch(/unsupported \(415\).*protobuf or JSON/);
});

test("hostile names are text on every page, and a wrong parameter is no page of a stranger's making", async () => {
  for (const path of [
    "/computers?q=",
    "/computers?zone=",
    "/computers/",
    "/kms-hosts/",
    "/runbook/",
    "/deadlines?days=",
    "/?lang=",
  ]) {
    const { text } = await getFrom(fleet.webUrl + path + encodeURIComponent(EVIL));
    expect([path, text.includes("<img")]).toEqual([path, false]);
  }
  for (const path of [
    "/computers?status=fine",
    `/computers?${encodeURIComponent(EVIL)}=1`,
    "/deadlines?cursor=x",
    "/time-zone?name=Mars/Olympus",
  ]) {
    const { status, type, text } = await getFrom(fleet.webUrl + path);
    expect([path, status, type, text.includes("<img")]).toEqual([path, 400, "text/html; charset=utf-8", false]);
  }
});
