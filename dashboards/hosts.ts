import { HEALTH } from "../licensing/kms/health.ts";
import { kmsMetrics as K } from "../licensing/telemetry/metrics.ts";
import { HOUR } from "../licensing/time.ts";
import { ago } from "./fleet.ts";
import type { Section } from "./frame.ts";
import type { Words } from "./locales/texts.ts";
import { named } from "./names.ts";
import { COLOURS, lines, look, palette, steps, textMappings, wide, withLimit } from "./panels.ts";
import * as Q from "./queries.ts";
import { type Column, table } from "./tables.ts";

const S = Q.SELECTED;

/** What is known of the hosts themselves: their license, keys, names in DNS, and how they look from outside. */
export const hosts = (words: Words): Section => ({
  row: "hosts",
  lines: [
    {
      height: 7,
      panels: [wide(24, table("hostFacts", words, factColumns(words), ...factQueries))],
    },
    { height: 7, panels: [wide(24, keysTable(words, S))] },
    { height: 7, panels: [wide(12, uncoveredTable(words)), wide(12, dnsTable(words))] },
    {
      height: 7,
      panels: [
        wide(
          12,
          withLimit(
            lines("knownAge", words, { expr: Q.inHours(Q.shortHost(Q.silenceOfHeardHosts(S))), legend: Q.HOST_LEGEND })
              .unit(words.units.hours)
              .min(0)
              .axisSoftMax(1)
              .colorScheme(palette()),
            HEALTH.unknownAfter / HOUR,
            COLOURS.unknown,
          ),
        ),
        wide(12, table("outside", words, outsideColumns(words), Q.answers("tcp", S), Q.answers("rpc", S))),
      ],
    },
    { height: 6, panels: [wide(24, table("srvRecords", words, srvColumns(words), Q.srvRecords()))] },
  ],
});

const dnsTable = (words: Words) =>
  table(
    "dns",
    words,
    [
      { of: "kms_host", name: "host" },
      { of: "domain", name: "domain" },
      { of: "A", name: "published", look: [yesOrNo(words.publishing), look.colouredText, look.width(100)] },
    ],
    Q.published(S),
  );

export const keysTable = (words: Words, at: Q.Scope) =>
  table("keys", words, keyColumns(words), Q.hostKeys(at), Q.keyHostsLeft(at), Q.keyReactivationsLeft(at));
export const uncoveredTable = (words: Words) => table("uncovered", words, uncoveredColumns(words), Q.uncovered(S));

/** None left is to be watched, before there is less than none. */
const left = [look.thresholds(steps(COLOURS.watch, [1, COLOURS.quiet])), look.colouredText];
const keyColumns = (words: Words): readonly Column[] => [
  { of: "kms_host", name: "host" },
  { of: "application", name: "application", look: [look.width(85), ...named(words.values.application)] },
  { of: "product_group", name: "group" },
  { of: "partial_product_key", name: "key", look: [look.width(85)] },
  { of: "B", name: "hostsLeft", look: [...left, look.width(95)] },
  { of: "C", name: "reactivationsLeft", look: [...left, look.width(150)] },
];

const uncoveredColumns = (words: Words): readonly Column[] => [
  { of: "kms_host", name: "host" },
  { of: "product", name: "product", look: named({ [Q.NONE]: words.allCovered }) },
  {
    of: "A",
    name: "computers",
    look: [look.thresholds(steps(COLOURS.quiet, [1, COLOURS.watch])), look.colouredText, look.width(90)],
  },
];

const outsideColumns = (words: Words): readonly Column[] => [
  { of: "kms_host", name: "host" },
  { of: "prober_zone", name: "from", look: [look.width(95)] },
  ...(
    [
      ["A", "tcp"],
      ["B", "rpc"],
    ] as const
  ).map(([of, name]) => ({
    of,
    name,
    look: [yesOrNo(words.answering), look.colouredText, look.width(85)],
  })),
];
const yesOrNo = ({ yes, no }: Words["answering"]) =>
  look.mapped(textMappings({ "1": yes, "0": no }, { "1": COLOURS.safe, "0": COLOURS.atRisk }));

const SRV_STATES = {
  known: COLOURS.safe,
  unknown: COLOURS.watch,
  unexpected: COLOURS.atRisk,
  unresolvable: COLOURS.atRisk,
};
const srvColumns = (words: Words): readonly Column[] => [
  { of: "domain", name: "domain" },
  { of: "target", name: "target" },
  { of: "port", name: "port", look: [look.width(70)] },
  { of: "priority", name: "priority", look: [look.width(80)] },
  { of: "weight", name: "weight", look: [look.width(80)] },
  {
    of: "state",
    name: "state",
    look: [look.mapped(textMappings(words.values.srv, SRV_STATES)), look.colouredText, look.width(130)],
  },
];

const factColumns = (words: Words): readonly Column[] => [
  { of: "kms_host", name: "host" },
  { of: "status", name: "license", look: [look.width(110), ...named(words.values.status)] },
  { of: "C", name: "renewal", look: [look.unit(words.units.days), look.width(95)] },
  { of: "D", name: "lastRequest", look: [...ago(words), look.width(125)] },
  ...(
    [
      ["E", "byReport"],
      ["F", "byLog"],
      ["G", "byClients"],
    ] as const
  ).map(([of, name]) => ({
    of,
    name,
    look: [...ago(words), look.width(125)],
  })),
];
const factQueries: readonly string[] = [
  Q.hostInfo(S),
  Q.hostLicense(S),
  Q.inDays(Q.ofHosts(K.renewalInterval, S)),
  Q.hoursSince(Q.ofHosts(K.lastRequest, S)),
  ...(["reported", "ledger", "clients"] as const).map((it) => Q.hoursSince(Q.knownUntilBy(it, S))),
];
