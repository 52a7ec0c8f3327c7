import { expect, test } from "@jest/globals";
import type { Fact } from "../../../licensing/facts.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, KMS01, request, seriesOf } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("names", T);
const takeFrom = (host: string, ...facts: Fact[]) => own.engine.ingest([submissionOf([fromAgent(host, facts, T)], T)]);
const text = async () => own.engine.metrics("text");
const domainEvent = (domain: string): Fact => ({
  ...(request({ at: T, client: 1 }) as Extract<Fact, { kind: "event" }>),
  eventId: 12293,
  channel: "Application",
  data: ["0x80072338", domain],
});

test("a host with dots at its end, in full-width or capital letters is the same host", async () => {
  await takeFrom(KMS01, request({ at: T - 1_000, client: 1 }));
  for (const [i, name] of [`${KMS01}..`, KMS01.toUpperCase(), KMS01.replace("kms", "ｋｍｓ")].entries())
    await takeFrom(name, request({ at: T - 2_000 - i, client: 2 + i, host: name }));
  const hosts = [...(await text()).matchAll(/activation_kms_distinct_clients\{kms_host="([^"]*)"[^}]*\} (\d+)/g)].map(
    ([, host, count]) => [host, count],
  );
  expect(hosts).toEqual([[KMS01, "4"]]);
});

test("names that look like another host's are no hosts", async () => {
  await takeFrom(KMS01, request({ at: T, client: 1 }));
  for (const name of [KMS01.replace("o", "о"), "кмѕ.contoso.com"])
    await takeFrom("forwarder.contoso.com", request({ at: T - 5_000, client: 9, host: name }));
  expect(await text()).not.toMatch(/[а-яѕ]/);
});

test("a domain named __proto__ is shown like any other; what is no domain is not", async () => {
  await takeFrom(KMS01, request({ at: T, client: 1 }), domainEvent("__proto__"));
  for (const domain of ["a\u0000b", "<script>", "a\u202eb", "x\u001b[31m", "a\r\nb"])
    await takeFrom(KMS01, domainEvent(domain));
  const domains = [...(await text()).matchAll(/activation_kms_dns_publish_failed\{[^}]*domain="([^"]*)"/g)].map(
    ([, it]) => it,
  );
  expect(domains).toEqual(["__proto__"]);
});

test("probes of what is no domain and no host leave no series", async () => {
  await takeFrom("pc1.contoso.com", heartbeat(T));
  for (const target of ["a\u0000b", "<script>", "a\u202eb", "x\u001b[31m"])
    await takeFrom(
      "pc1.contoso.com",
      {
        kind: "probe",
        probe: "dns_srv",
        target,
        outcome: "ok",
        records: [{ target, port: 1688, priority: 0, weight: 0 }],
      },
      { kind: "probe", probe: "tcp", target, outcome: "ok" },
    );
  const series = [...seriesOf(await text()).keys()].filter((it) => /^activation_kms_(srv|host_up)/.test(it));
  expect(series).toEqual([]);
});
