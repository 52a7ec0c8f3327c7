import { describe, expect, test } from "@jest/globals";
import { type ComputerFacts, type Diagnosis, diagnose } from "../../../licensing/diagnosis/diagnosis.ts";
import { diagnosisText } from "../../../licensing/diagnosis/diagnosis-text.ts";
import { entryOfEvent, type TimelineEntry, timelineOf } from "../../../licensing/diagnosis/timeline-entry.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../../licensing/time.ts";
import { answered, KMS01, request, sent, WIN10 } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const HOUR_AGO = T - HOUR;
const WINDOWS = "55c92734-d682-4d71-983e-d6ec3f16059f";

const entry = (fact: EventFact, at: Instant): TimelineEntry[] => {
  const it = entryOfEvent(normalise(fact), at, fact.eventId === 12290 ? "kms_host" : "computer");
  return it ? [it] : [];
};
const asked = (at: Instant, hresult = "0x00000000") => entry(sent({ at, client: 1, hresult }), at);
const told = (at: Instant, more: Partial<Parameters<typeof answered>[0]> = {}) =>
  entry(answered({ at, client: 1, ...more }), at);
const handled = (at: Instant) => entry(request({ at, client: 1 }), at);
const event = (eventId: number, at: Instant, ...data: string[]) =>
  entry({ ...sent({ at, client: 1 }), eventId, data }, at);

const LICENSED = { product: "Windows 10", status: "licensed", channel: "kms_client", deadline: T + 170 * DAY } as const;
const GRACE = { ...LICENSED, status: "oot_grace", deadline: T + 9 * DAY } as const;
const host = (more: Partial<NonNullable<ComputerFacts["host"]>> = {}): ComputerFacts["host"] => ({
  name: KMS01,
  health: "safe",
  ...more,
});
const facts = (more: Partial<ComputerFacts>): ComputerFacts => ({
  now: T,
  license: LICENSED,
  ...more,
  entries: (more.entries ?? []).toSorted((a, b) => a.at - b.at),
});

type Expected = Omit<Partial<Diagnosis>, "evidence"> & { readonly evidence?: unknown };

test.each<[string, Partial<ComputerFacts>, Expected]>([
  ["a licensed computer", { renewedAt: T - DAY }, { state: "ok", cause: "works", fault: "none" }],
  ["nothing known", { license: undefined }, { state: "unknown", cause: "nothing_known" }],
  [
    "a failure before the last success is over",
    { entries: [...asked(T - 2 * HOUR, "0xC004F074"), ...asked(HOUR_AGO), ...told(HOUR_AGO + 1_000)] },
    { state: "ok" },
  ],
  [
    "no KMS host reached, and the host serves others: the network",
    {
      license: GRACE,
      host: host({ lastRequest: T - MINUTE }),
      entries: [...asked(T - 3 * HOUR, "0xC004F074"), ...asked(HOUR_AGO, "0xC004F074")],
    },
    { state: "problem", fault: "network", since: T - 3 * HOUR, attempts: 2, code: "0xC004F074" },
  ],
  [
    "no KMS host reached, because it is down: the host",
    {
      host: host({ health: "down", reason: "No prober reaches this KMS host." }),
      entries: asked(HOUR_AGO, "0xC004F074"),
    },
    { state: "attention", fault: "host", evidence: expect.objectContaining({ kind: "host_state" }) },
  ],
  [
    "no SRV record: DNS, whatever the host does",
    { host: host({ lastRequest: T }), entries: asked(HOUR_AGO, "0x8007232B") },
    { fault: "dns", code: "0x8007232B" },
  ],
  [
    "the count is too low: the host, with its own words",
    {
      license: GRACE,
      host: host({ health: "below", reason: "20 of 25 clients." }),
      entries: [...asked(HOUR_AGO), ...told(HOUR_AGO + 1_000, { activated: false, count: 20, flags: "0x04000008" })],
    },
    { fault: "host", code: "0xC004F038", evidence: expect.objectContaining({ kind: "host_state" }) },
  ],
  ["clocks apart: the clock", { entries: asked(HOUR_AGO, "0xC004F06C") }, { fault: "clock" }],
  [
    "a blocked key",
    { license: { ...GRACE, channel: "mak" }, entries: event(8198, HOUR_AGO, "hr=0xC004C003") },
    { fault: "key" },
  ],
  [
    "a request without an answer",
    { entries: asked(HOUR_AGO), host: host() },
    { cause: "no_answer", fault: "network", since: HOUR_AGO },
  ],
  ["a request that may still be answered", { entries: asked(T - MINUTE) }, { state: "ok" }],
  [
    "a request that the host has handled: the answer was lost",
    { entries: [...asked(HOUR_AGO), ...handled(HOUR_AGO + 1_000)], host: host() },
    { cause: "no_answer", fault: "network", evidence: { kind: "host_handled", host: KMS01, at: HOUR_AGO + 1_000 } },
  ],
  [
    "a renewal that is overdue, and no attempt",
    { overdueAt: T - DAY },
    { state: "attention", cause: "no_attempt", since: T - DAY },
  ],
  ["grace, and no attempt", { license: GRACE }, { state: "problem", cause: "no_attempt", fault: "client" }],
  [
    "the three signs of one failure are one attempt, and the exchange's code decides",
    {
      entries: [
        ...asked(HOUR_AGO, "0xC004F074"),
        ...event(8198, HOUR_AGO + 1_000, "hr=0x8007139F"),
        ...event(8233, HOUR_AGO + 2_000, "hr=0xC004F074", WINDOWS, WIN10, "TimerEvent"),
      ],
    },
    { code: "0xC004F074", attempts: 1 },
  ],
  [
    "Active Directory failed",
    { entries: event(8215, HOUR_AGO, "hr=0xC004F081", WIN10) },
    { code: "0xC004F081", fault: "client" },
  ],
  [
    "Active Directory failed, and KMS succeeded",
    {
      entries: [
        ...event(8215, HOUR_AGO, "hr=0xC004F081", WIN10),
        ...asked(HOUR_AGO + 1_000),
        ...told(HOUR_AGO + 2_000),
      ],
    },
    { state: "ok" },
  ],
])("%s", (_, more, expected) => {
  expect(diagnose(facts(more))).toMatchObject(expected);
});

describe("the paragraph", () => {
  const it = facts({
    license: GRACE,
    host: host({ lastRequest: T - MINUTE }),
    entries: [...asked(T - 3 * HOUR, "0xC004F074"), ...asked(HOUR_AGO, "0xC004F074")],
  });

  test("says what is wrong, since when, whose fault it is, what to do", () => {
    const { text, link } = diagnosisText(diagnose(it), it, "en");
    expect(text).toBe(
      "Windows 10 is in the out-of-tolerance grace period until 2026-11-29 12:00 UTC. Activation has failed 2 times since 2026-11-20 09:00 UTC, last with 0xC004F074: No KMS host could be contacted; event 12288 names each host that was tried and its result. The KMS host kms01.contoso.com has handled requests of other computers meanwhile, the last on 2026-11-20 11:59 UTC: the way to it fails, not the host. Who has to act: the network between client and host. From the client, test the port (`Test-NetConnection HOST -Port 1688`), then the firewalls between, and whether the SRV record or `slmgr /skms` names a host that still exists.",
    );
    expect(link).toMatch(/^https:\/\/learn\.microsoft\.com\//);
  });

  test("in Japanese", () => {
    const { text } = diagnosisText(diagnose(it), it, "ja");
    expect(text).toMatch(
      /^Windows 10 の状態は「追加の猶予期間」です.*0xC004F074.*kms01\.contoso\.com.*対応が必要なのはネットワークです。/,
    );
    expect(text).not.toMatch(/[a-z]{3,} [a-z]{3,} [a-z]{3,}/);
  });

  test.each([
    facts({ renewedAt: T - DAY }),
    facts({ license: undefined }),
    facts({ license: GRACE }),
    facts({ overdueAt: T - DAY }),
    facts({ entries: asked(HOUR_AGO) }),
    facts({ entries: asked(HOUR_AGO, "0xDEADBEEF") }),
    facts({ entries: [...asked(HOUR_AGO), ...handled(HOUR_AGO)] }),
  ])("has words for every cause (%#)", (one) => {
    for (const language of ["en", "ja"] as const) {
      const { text } = diagnosisText(diagnose(one), one, language);
      expect(text).toMatch(language === "en" ? /[.)]$/ : /。$/);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});

test("what repeats is one line, and every order gives the same lines", () => {
  const entries = [T - 6 * HOUR, T - 4 * HOUR, T - 2 * HOUR].flatMap((at) => asked(at, "0xC004F074"));
  const all = [...entries, ...asked(T - HOUR), ...told(T - HOUR + 1_000)];
  const lines = timelineOf(all, 10);
  expect(lines.map(({ count, outcome }) => [count, outcome])).toEqual([
    [3, "failure"],
    [1, "info"],
    [1, "success"],
  ]);
  expect(lines[0]).toMatchObject({ at: T - 6 * HOUR, until: T - 2 * HOUR });
  expect(timelineOf(all.toReversed(), 10)).toEqual(lines);
  expect(timelineOf(all, 2)).toEqual(lines.slice(1));
});
