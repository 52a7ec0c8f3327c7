import { expect, test } from "@jest/globals";
import { piecesOf } from "../../../collector/import/input.ts";
import { presentNamesIn } from "../../../collector/import/own-log.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { OWN_CHANNEL } from "../../../licensing/telemetry/own-channel.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";
import type { LogGroup } from "../../../otlp/logs.ts";
import { ownEngine, submissionOf } from "../../support/engine.ts";
import { xmlOf } from "../../support/event-forms.ts";
import { fromAgent, heartbeat, KMS01, request } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

/** An archive tells by its record numbers that it is the log of one computer, whatever names that had before. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("own-log", T);
const folder = ownFolder("own-log-files");
const NAMES = ["WIN-9QK3L0AB1CD", "KMS01", KMS01];
const log = NAMES.map(
  (host, i): EventFact => ({
    ...request({ at: T - DAY + i * HOUR, client: i, recordId: i + 1, host }),
    eventSource: "KmsRequests",
  }),
);

const importOf = async (facts: readonly EventFact[]) => {
  const { writeFileSync } = await import("node:fs");
  const file = `${folder()}/archive.xml`;
  writeFileSync(file, `<Events>${facts.map(xmlOf).join("\n")}</Events>`);
  const groups: LogGroup[] = [];
  for await (const it of piecesOf(file, undefined)) if ("groups" in it) groups.push(...it.groups);
  await own.engine.ingest([submissionOf(groups, T, true)]);
};
const live = () => {
  const group = fromAgent(KMS01, [...log, heartbeat(T)], T);
  const records = group.records.map((it) => ({ ...it, attributes: { ...it.attributes, [OWN_CHANNEL]: true } }));
  return own.engine.ingest([submissionOf([{ ...group, records }], T)]);
};
const computers = async () =>
  (await own.engine.answer({ ask: "computers", limit: 99 })).items
    .filter((it) => it.source === "agent" || !/^pc\d/.test(it.computer))
    .map((it) => it.computer);
const kmsHosts = async () => [
  ...new Set((await own.engine.answer({ ask: "kms-hosts" })).items.map((it) => it.kms_host)),
];

test.each<[string, () => Promise<unknown>]>([
  ["alone", () => importOf(log)],
  ["newest first", () => importOf(log.toReversed())],
  ["before the live log", async () => [await importOf(log), await live()]],
  ["after the live log", async () => [await live(), await importOf(log)]],
])("imported %s, it makes no computer of a former name", async (_, take) => {
  await take();
  expect(await computers()).toEqual([KMS01]);
  expect(await kmsHosts()).toEqual([KMS01]);
  expect(await own.figure("kms_table_clients")).toBe(3);
});

const names = (...records: readonly (readonly [record: number, computer: string])[]) => {
  const find = presentNamesIn(
    records.map(([recordId, computer]) => xmlOf({ ...log[0]!, recordId, computer })).join(""),
  );
  return [...new Set(records.map(([, computer]) => find({ channel: log[0]!.channel!, computer })))];
};

test.each<[string, (readonly [number, string])[]]>([
  [
    "one name",
    [
      [1, "pc1.contoso.com"],
      [2, "PC1.contoso.com"],
    ],
  ],
  [
    "two computers whose numbers follow each other",
    [
      [1, "kms01.contoso.com"],
      [2, "kms02.contoso.com"],
    ],
  ],
  [
    "two computers of a workgroup",
    [
      [1, "pc1"],
      [2, "pc2"],
    ],
  ],
  [
    "names that alternate",
    [
      [1, "pc1"],
      [2, "pc1.contoso.com"],
      [3, "pc1"],
      [4, "pc1.contoso.com"],
    ],
  ],
  [
    "two records with one number",
    [
      [1, "win-abc123"],
      [1, "pc1.contoso.com"],
    ],
  ],
  [
    "a name that is longer than the present one",
    [
      [1, "pc1.contoso.com"],
      [2, "pc1"],
    ],
  ],
])("%s: none is a former name", (_, records) => {
  expect(names(...records)).toEqual([undefined]);
});
