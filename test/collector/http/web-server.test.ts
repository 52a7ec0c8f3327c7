import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { type Running, runningCollector } from "../../support/collector.ts";
import { events, fromAgent, heartbeat, licensing, request, seriesOf } from "../../support/facts.ts";
import { getFrom, postTo } from "../../support/http.ts";

let collector: Running;
beforeEach(async () => {
  collector = await runningCollector("otlp: { max_body_size: 64KiB }");
});
afterEach(() => collector.stop());

const post = (body: Uint8Array | string, headers: Record<string, string> = {}, url = collector.otlpUrl) =>
  postTo(url, body, headers);
const get = (path: string, headers: Record<string, string> = {}) => getFrom(collector.webUrl + path, headers);

describe("pages and figures", () => {
  test("/metrics is clean, in both formats", async () => {
    await post(
      encodeLogs([...events(30), fromAgent("pc1.contoso.com", [licensing(), heartbeat(Date.now())], Date.now())]),
    );
    const text = await get("/metrics");
    const lint = spawnSync("promtool", ["check", "metrics"], { input: text.text, encoding: "utf8" });
    expect([lint.status, lint.stderr, lint.stdout]).toEqual([0, "", ""]);
    const open = await get("/metrics", { accept: "application/openmetrics-text; version=1.0.0" });
    expect(open.type).toContain("application/openmetrics-text");
    expect(open.text.endsWith("# EOF\n")).toBe(true);
    expect(open.text.match(/# EOF/g)).toHaveLength(1);
    expect(open.text).toContain("# TYPE activation_attempts counter\n");
    expect(open.text).toContain("# TYPE activation_collector_requests counter\n");
    const names = (of: { text: string }) => [...seriesOf(of.text).keys()].filter((it) => !it.startsWith("nodejs_"));
    expect(names(open)).toEqual(names(text));
    // Asking by turns changes nothing.
    expect(names(await get("/metrics"))).toEqual(names(text));
  });

  test("health, readiness, the page", async () => {
    expect((await get("/-/healthy")).status).toBe(200);
    expect((await get("/-/ready")).status).toBe(200);
    expect((await get("/")).text).toContain("Waiting for the first KMS host");
    await post(encodeLogs([fromAgent("kms01.contoso.com", [request({ at: Date.now(), client: 1 })], Date.now())]));
    expect((await get("/")).text).toContain("kms01.contoso.com");
  });

  test("the API: pages of computers, one computer, problems", async () => {
    await post(
      encodeLogs(["pc1", "pc2", "pc3"].map((it) => fromAgent(`${it}.contoso.com`, [licensing()], Date.now()))),
    );
    const first = JSON.parse((await get("/api/v1/computers?limit=2&status=licensed&channel=kms_client")).text);
    expect(first.items.map((it: { computer: string }) => it.computer)).toEqual(["pc1.contoso.com", "pc2.contoso.com"]);
    const second = JSON.parse((await get(`/api/v1/computers?limit=2&cursor=${first.next_cursor}`)).text);
    expect(second).toMatchObject({ items: [{ computer: "pc3.contoso.com", zone: "core" }], next_cursor: null });
    expect(JSON.parse((await get("/api/v1/computers?q=PC2")).text).items).toHaveLength(1);
    expect(JSON.parse((await get("/api/v1/computers/PC3.contoso.com")).text)).toMatchObject({
      licenses: [{ status: "licensed" }],
    });
    const wrong = await get("/api/v1/computers?status=fine&limit=0");
    expect([wrong.status, wrong.type]).toEqual([400, "application/problem+json"]);
    expect(JSON.parse(wrong.text).detail).toMatch(/status.*limit/s);
    expect((await get("/api/v1/computers/nobody")).status).toBe(404);
    expect((await get("/api/v1/kms-hosts/nobody")).status).toBe(404);
    const odd = await get("/api/v1/computers/%E0%A4%A");
    expect([odd.status, odd.type]).toEqual([400, "application/problem+json"]);
  });
});
