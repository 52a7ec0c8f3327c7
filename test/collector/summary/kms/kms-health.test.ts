import { describe, expect, test } from "@jest/globals";
import { TEXTS } from "../../../../collector/ui/locales/languages.ts";
import { statusPage } from "../../../../collector/ui/pages/status-page.ts";
import { UTC } from "../../../../collector/ui/time-zone.ts";
import { HEALTH_STATES, worstState } from "../../../../licensing/kms/health.ts";
import { ownEngine } from "../../../support/engine.ts";
import { KMS01 } from "../../../support/facts.ts";
import { HEALTH_CASES, type HealthCase, NOW } from "../../../support/health-cases.ts";
import { PARTS } from "../../ui/overview-parts.ts";

const own = ownEngine("kms-health", NOW);

const report = async ({ reports, probers = {}, config }: HealthCase) => {
  if (config) await own.reopen(config);
  for (const [at, facts] of reports) {
    own.now = at;
    await own.take(KMS01, facts);
  }
  own.now = NOW;
  for (const [host, facts] of Object.entries(probers)) await own.take(host, facts);
};
const WORDS = {
  refusing: "AT RISK",
  down: "AT RISK",
  below: "AT RISK",
  near: "WATCH",
  falling: "WATCH",
  not_reached: "WATCH",
  unknown: "UNKNOWN",
  maintenance: "MAINTENANCE",
  safe: "SAFE",
};

/** Page, API, metrics and findings read one function: they cannot differ. */
describe("health of a KMS host", () => {
  test.each(HEALTH_CASES)("$name", async (it) => {
    await report(it);
    const { items } = await own.engine.answer({ ask: "kms-hosts" });
    expect(Object.fromEntries(items.map(({ application, health }) => [application, health]))).toEqual(it.health);
    const worst = worstState(Object.values(it.health));
    for (const { application, health, reasons, findings } of items) {
      for (const state of HEALTH_STATES)
        expect(await own.figure("kms_health", { kms_host: KMS01, application, state })).toBe(state === health ? 1 : 0);
      expect(findings.slice(0, reasons.length)).toEqual(reasons);
      expect(reasons.length === 0).toBe(health === "safe");
    }
    const first = items.find(({ health }) => health === worst)?.reasons[0];
    if (it.reason) expect(first).toContain(it.reason);
    const japanese = await own.engine.answer({ ask: "kms-hosts", language: "ja" });
    expect(japanese.items.map(({ findings }) => findings.length)).toEqual(items.map(({ findings }) => findings.length));
    for (const finding of japanese.items.flatMap((item) => item.findings)) expect(finding).toMatch(/^.*[ぁ-ん].*。$/);
    const page = statusPage(
      { items },
      { language: "en", t: TEXTS.en, url: "/", version: "1", now: NOW, timeZone: UTC },
      PARTS,
    );
    expect(/class="verdict \w+"><b>([A-Z ]+)</.exec(page)?.[1]).toBe(WORDS[worst]);
    if (first) expect(page).toContain(first.replaceAll('"', "&quot;"));
  });
});

test("a host that lost its key has no count and no headroom, and a series of its own says so", async () => {
  await report(HEALTH_CASES.find((it) => it.name.startsWith("it lost its key: WMI"))!);
  expect(await own.figure("kms_host_key_lost", { application: "windows" })).toBe(1);
  for (const name of ["reported_clients", "effective_clients", "headroom", "below_threshold_timestamp_seconds"])
    expect(await own.figure(`kms_${name}`)).toBeUndefined();
  expect(await own.figure("kms_threshold_reached", { product_class: "client" })).toBe(1);
});

test("a key that is back ends it", async () => {
  const [first, lost] = HEALTH_CASES.find((it) => it.name.startsWith("it lost its key: WMI"))!.reports;
  await report({ name: "", health: {}, reports: [first!, [lost![0] - 1, lost![1]], [NOW, first![1]]] });
  expect(await own.figure("kms_host_key_lost", { application: "windows" })).toBe(0);
  expect(await own.figure("kms_reported_clients")).toBe(50);
});

test.each(["an old key is listed first", "an old key is listed last"])(
  "the order of WMI's rows means nothing for the series of the host's license: %s",
  async (name) => {
    await report(HEALTH_CASES.find((it) => it.name === name)!);
    expect(await own.figure("kms_host_status", { status: "licensed" })).toBe(1);
    expect(await own.figure("kms_host_status", { status: "unlicensed" })).toBe(0);
  },
);

test("the series of the host's license is the worst of its keys", async () => {
  await report(HEALTH_CASES.find((it) => it.name === "an Office key in notification beside a licensed Windows key")!);
  expect(await own.figure("kms_host_status", { status: "notification" })).toBe(1);
  expect(await own.figure("kms_host_status", { status: "licensed" })).toBe(0);
});
