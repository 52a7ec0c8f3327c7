import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import type { Heartbeat } from "../../../collector/state/agent-heartbeat.ts";
import { NO_ATTEMPTS } from "../../../collector/state/attempts.ts";
import type { ComputerState } from "../../../collector/state/computer.ts";
import { COUNTED_AS, contributionsOf } from "../../../collector/state/contributions.ts";
import {
  type AgentlessRules,
  agentlessContributions,
  type ClientPart,
} from "../../../collector/state/kms/agentless.ts";
import { clientContributions } from "../../../collector/state/kms/client.ts";
import type { StoredLicense } from "../../../collector/state/license-state.ts";
import { sumParts } from "../../../collector/store/sums.ts";
import { CHANNELS, STATUSES } from "../../../licensing/license.ts";
import { productsFrom } from "../../../licensing/products.ts";
import { DAY, HOUR } from "../../../licensing/time.ts";
import { OFFICE16, WIN10 } from "../../support/facts.ts";

/**
 * The version of what is counted, and the hash of what the samples below contribute. A store keeps sums that were counted by
 * an older version until COUNTED_AS rises: then the next start counts anew.
 */
const GOLDEN = { version: 8, hash: "470a107eb760c45b554441a4abc7a7f03672bb757a31cb830e4c53d0a7f09e3a" };

const AT = Date.parse("2026-11-20T12:34:56Z");
const UNKNOWN_PRODUCT = "99999999-5555-4444-8888-999999999999";

const license = (more: Partial<StoredLicense> = {}): StoredLicense => ({
  application: "windows",
  activationId: WIN10,
  name: "Windows(R), Enterprise edition",
  product: "Windows 10 Enterprise",
  channel: "kms_client",
  status: "licensed",
  deadline: AT + 100 * DAY,
  deadlineKind: "validity",
  partialProductKey: "2YT43",
  addon: false,
  ...more,
});
const heartbeat = (more: Partial<Heartbeat> = {}): Heartbeat => ({
  at: AT,
  spooled: 0,
  oldestUnsent: 0,
  failing: [],
  skewed: false,
  ...more,
});
const computer = (licenses: readonly StoredLicense[], more: Partial<ComputerState> = {}): ComputerState => ({
  licenses,
  attempts: NO_ATTEMPTS,
  agentVersion: "1.0.0",
  ...more,
});
const without = <K extends keyof StoredLicense>(it: StoredLicense, key: K): StoredLicense => {
  const { [key]: _, ...others } = it;
  return others as StoredLicense;
};

/** One or more states for each branch; a state is never taken out, new ones go to the end of their group. */
const COMPUTERS: readonly ComputerState[] = [
  computer([]),
  ...STATUSES.flatMap((status) => [
    computer([license({ status })]),
    computer([without(license({ status }), "deadline")]),
  ]),
  ...CHANNELS.map((channel) => computer([license({ channel })])),
  ...["Windows(R) 7, Enterprise edition", "Windows Server(R) 2008 R2", "Windows Server(R) 2022"].map((name) =>
    computer([license({ name, product: name, status: "notification" })]),
  ),
  computer([
    license(),
    license({ application: "office", activationId: OFFICE16, name: "Office 16", product: "Office" }),
  ]),
  computer([license({ addon: true }), license({ status: "notification" })]),
  computer([
    license({ channel: "mak", partialProductKey: "ABCDE" }),
    without(license({ channel: "mak" }), "partialProductKey"),
  ]),
  ...(["genuine", "local_genuine", "non_genuine"] as const).map((genuine) => computer([license({ genuine })])),
  ...[0, 1, 3, 4, 1_001].map((rearmsLeft) => computer([], { rearmsLeft })),
  computer([license()], { renewedAt: AT - 8 * DAY }),
  computer([license()], { products: { [WIN10]: { activatedAt: AT - 8 * DAY, renewalMinutes: 1_440 } } }),
  computer([license({ channel: "retail" })], { renewedAt: AT - 8 * DAY }),
  computer([], { target: { name: "kms01.contoso.com", at: AT - DAY } }),
  computer([], { heartbeat: heartbeat() }),
  computer([], { heartbeat: heartbeat({ spooled: 7, oldestUnsent: 61, skewed: true, failing: ["wmi", "dns"] }) }),
  computer([], { heartbeat: heartbeat({ oldestUnsent: 100_000 }) }),
  computer([license()], { retired: true }),
  { licenses: [license()], attempts: NO_ATTEMPTS },
  computer([license({ name: "Windows(R), ServerStandard edition", product: "Windows Server 2022 Standard" })]),
  computer([license(), license({ addon: true, channel: "mak", partialProductKey: "ABCDE" })]),
  computer([license({ channel: "mak" }), license({ name: "Windows(R) 7", status: "oob_grace" })], {
    folded: ["deadline", "failing", "licenses", "mak", "method", "notices", "overdue", "target"],
    target: { name: "kms01.contoso.com", at: AT },
    heartbeat: heartbeat({ failing: ["wmi"] }),
  }),
  computer([license()], { folded: ["deadline", "method", "overdue"], renewedAt: AT - DAY }),
];
const CLIENTS = [WIN10, OFFICE16, UNKNOWN_PRODUCT, undefined].flatMap((activationId) =>
  ["windows", "office", "unknown"].map((pool) => ({ kmsHost: "kms01.contoso.com", pool, lastAt: AT, activationId })),
);

/** Clients of one name: one, several families, one under a product without a name, coarsely, with an agent, retired by name. */
const part = (more: Partial<ClientPart> = {}): ClientPart => ({
  cmid: "a",
  kmsHost: "kms01.contoso.com",
  application: "windows",
  activationId: WIN10,
  at: AT,
  status: 1,
  minutes: 100,
  tooFew: false,
  computer: "pc1.contoso.com",
  isServer: false,
  own: false,
  coarse: false,
  ...more,
});
const OFFICE = { application: "office", activationId: OFFICE16, at: AT - 3 * DAY } as const;
const NAMES: readonly (readonly ClientPart[])[] = [
  [part()],
  [part({ isServer: true, activationId: UNKNOWN_PRODUCT })],
  [part(), part(OFFICE)],
  [part({ coarse: true }), part(OFFICE)],
  [part(), part({ ...OFFICE, at: AT - 31 * DAY })],
  [part({ kmsHost: "kms02.contoso.com", at: AT - DAY }), part()],
  [part({ own: true }), part(OFFICE)],
  [part({ computer: "lab1.contoso.com" })],
  [part({ computer: "gone1.contoso.com" })],
];
const RULES: AgentlessRules = {
  products: productsFrom(),
  retirement: { silenceOf: (name) => (name.startsWith("gone") ? 0 : 90 * DAY) },
  zoneOf: (name) => (name.startsWith("lab") ? "lab" : "unassigned"),
};

const contributions = () => [
  ...COMPUTERS.map((it, i) => contributionsOf(it, i % 2 === 0 ? "core" : "lab", AT - i * HOUR)),
  ...CLIENTS.map((it) => clientContributions({ ...it, folded: false }, productsFrom())),
  ...CLIENTS.slice(0, 2).map((it) => clientContributions({ ...it, folded: true }, productsFrom())),
  ...NAMES.map((it) => agentlessContributions(it, RULES)),
];

test("the version of what is counted rises with every change of contributions", () => {
  const counted = contributions().map((one) => one.map(([key, amount]) => [sumParts(key), amount]));
  const hash = createHash("sha256").update(JSON.stringify(counted)).digest("hex");
  const isSame = hash === GOLDEN.hash;
  const remedy = isSame
    ? `Nothing that is counted has changed, so COUNTED_AS stays ${GOLDEN.version}. After a change that these samples do not show, add a sample.`
    : `What a computer or a client adds to the sums has changed. Set COUNTED_AS in collector/state/contributions.ts to ${GOLDEN.version + 1}, so that stores count anew at the next start, and GOLDEN here to { version: ${GOLDEN.version + 1}, hash: "${hash}" }. Where only the samples have changed, set the hash alone.`;
  expect({ version: COUNTED_AS, hash, remedy }).toEqual({ ...GOLDEN, remedy });
});

test("the samples show every kind of sum that contributions name", () => {
  const kinds = new Set(contributions().flatMap((one) => one.map(([key]) => sumParts(key)[0])));
  expect([...kinds].sort()).toEqual(
    [
      "agentless",
      "asked",
      "computers",
      "deadline",
      "distinct",
      "failing",
      "genuine",
      "kms_computers",
      "kms_due",
      "kms_licenses",
      "licenses",
      "mak",
      "method",
      "notices",
      "overdue",
      "rearms",
      "retired",
      "seen",
      "servers",
      "skewed",
      "spooled",
      "target",
      "unsent",
    ].sort(),
  );
});
