import { expect, test } from "@jest/globals";
import type { EventFact } from "../../../licensing/facts.ts";
import { OWN_CHANNEL } from "../../../licensing/telemetry/own-channel.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";
import type { LogGroup } from "../../../otlp/logs.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { fromAgent, heartbeat, KMS01, request } from "../../support/facts.ts";

/** Events of a computer's own log under the names that it had before (docs/counting-rules.md, "Names"). */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("former-names", T);
const FORMER = "win-9qk3l0ab1cd.fabrikam.com";
const NAMES = ["WIN-9QK3L0AB1CD", FORMER, KMS01];

const log = NAMES.map((host, i) => request({ at: T - DAY + i * HOUR, client: i, recordId: i + 1, host }));
const marked = (group: LogGroup): LogGroup => ({
  ...group,
  records: group.records.map((it) => ({ ...it, attributes: { ...it.attributes, [OWN_CHANNEL]: true } })),
});
const live = () => own.engine.ingest([submissionOf([marked(fromAgent(KMS01, [...log, heartbeat(T)], T))], T)]);
const computers = async () => {
  const { items } = (await own.engine.answer({ ask: "computers", limit: 99 })) as unknown as {
    items: { computer: string }[];
  };
  // The clients of the log are computers, too.
  return items.map((it) => it.computer).filter((it) => !it.startsWith("pc"));
};
const kmsHosts = async () => {
  const { items } = (await own.engine.answer({ ask: "kms-hosts" })) as unknown as { items: { kms_host: string }[] };
  return [...new Set(items.map((it) => it.kms_host))];
};

test("an agent's own log is its computer's, whatever name its events carry, also where everybody may forward", async () => {
  await live();
  const published: EventFact = {
    ...request({ at: T - HOUR, client: 9, recordId: 9, host: FORMER }),
    eventId: 12_294,
    channel: "Application",
    data: ["contoso.com"],
  };
  await own.engine.ingest([submissionOf([marked(fromAgent(KMS01, [published], T))], T)]);
  expect(await computers()).toEqual([KMS01]);
  expect(await kmsHosts()).toEqual([KMS01]);
  expect(await own.figure("kms_table_clients")).toBe(3);
  expect(await own.figure("kms_srv_published", { domain: "contoso.com" })).toBe(1);
});

test("a restart and a replay of the log keep them together", async () => {
  await live();
  await own.reopen(
    "kms: { products: [{ activation_id: 99999999-5555-4444-8888-999999999999, name: Other, application: windows }] }",
  );
  expect(await own.figure("kms_table_clients")).toBe(3);
  expect(await kmsHosts()).toEqual([KMS01]);
});

test("an archive of the same log, which comes later, is the same events: it makes no computer of a former name", async () => {
  await live();
  const archive = log.map((it) => fromAgent(it.computer.toLowerCase(), [it], T));
  const [taken] = await own.engine.ingest([submissionOf(archive, T, true)]);
  expect(taken).toMatchObject({ receipt: { outcomes: { duplicate: 3 } } });
  expect(await computers()).toEqual([KMS01]);
  expect(await own.figure("kms_table_clients")).toBe(3);
});

test("without the mark an event of another full name is a forwarded one", async () => {
  await own.engine.ingest([submissionOf([fromAgent(KMS01, [log[1]!], T)], T)]);
  expect(await kmsHosts()).toEqual([FORMER]);
});
