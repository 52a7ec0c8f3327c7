import { describe, expect, test } from "@jest/globals";
import { hostOfRecord, type Sender, senderOf } from "../../../collector/ingest/sender.ts";
import type { EventFact } from "../../../licensing/facts.ts";
import { KMS01, licensing, request } from "../../support/facts.ts";

const PC1 = "pc1.contoso.com";
const WEC = "wec.contoso.com";
const listed = (host: string | undefined) => host === WEC;
const everybody = () => true;

describe("who sends", () => {
  test.each<[string, string | undefined, readonly string[] | undefined, object]>([
    ["nothing is known of the sender", PC1, undefined, { host: PC1, forwarder: false }],
    ["and it names no computer", undefined, undefined, { forwarder: false }],
    ["a listed forwarder", WEC, undefined, { host: WEC, forwarder: true }],
    ["its certificate's name", PC1, [PC1], { host: PC1, forwarder: false }],
    ["one of its certificate's names", PC1, ["old.contoso.com", PC1], { host: PC1, forwarder: false }],
    ["no name: the only one of its certificate", undefined, [PC1], { host: PC1, forwarder: false }],
    ["a short name whose FQDN is certified", "pc1", [PC1], { host: PC1, forwarder: false }],
    ["a forwarder's certificate, whatever it names", PC1, [WEC], { host: PC1, forwarder: true }],
    ["a forwarder's certificate, and no name", undefined, [WEC], { forwarder: true }],
    [
      "its agent, under a name from before the domain",
      "win-1",
      [PC1],
      { host: PC1, forwarder: false, formerName: "win-1" },
    ],
    ["a pattern of its token", PC1, ["*.contoso.com"], { host: PC1, forwarder: false }],
  ])("%s", (_, reported, allowed, sender) => {
    expect(senderOf({ host: reported, agentEvents: () => true }, allowed, listed)).toEqual(sender);
  });

  test.each<[string, string | undefined, readonly string[], RegExp]>([
    [
      "another computer",
      "pc2.contoso.com",
      [PC1],
      /is for pc1\.contoso\.com, and this reports as pc2\.contoso\.com; .*otlp\.forwarders/,
    ],
    ["no name, and several are certified", undefined, [PC1, "pc2.contoso.com"], /reports as no computer/],
    ["no name, and a pattern is", undefined, ["*.contoso.com"], /reports as no computer/],
    ["a short name that two FQDNs have", "pc1", [PC1, "pc1.fabrikam.com"], /reports as pc1/],
    ["a short name under a pattern", "pc1", ["*.contoso.com"], /reports as pc1/],
    ["a longer name than the certified one", PC1, ["pc1"], /reports as pc1\.contoso\.com/],
    ["a certificate of no computer", PC1, [], /is for no computer/],
    ["a name that only looks like the pattern", "pc1.contoso.com.evil.example", ["*.contoso.com"], /evil/],
  ])("%s is refused", (_, reported, allowed, words) => {
    expect(senderOf({ host: reported, agentEvents: () => false }, allowed, listed)).toEqual({
      forbidden: expect.stringMatching(words),
    });
  });
});

describe("whose record it is", () => {
  const event = (eventId: number): EventFact => ({ ...request({ at: 0, client: 1 }), eventId, channel: "Application" });
  const own: Sender = { host: PC1, forwarder: false };
  const of = (
    sender: Sender,
    computer: string | undefined,
    { agent = true, ownChannel = false, fact = event(12_288) } = {},
  ) => hostOfRecord(sender, { fact, computer, agent, ownChannel });

  test.each<[string, object, { host: string }]>([
    ["its own", of(own, PC1), { host: PC1 }],
    ["under a former name, before it joined the domain", of(own, "win-example0001"), { host: PC1 }],
    ["under its short name", of(own, "pc1"), { host: PC1 }],
    ["under the name in a former domain", of(own, "pc1.fabrikam.com"), { host: PC1 }],
    ["under a former full name", of(own, "old.contoso.com"), { host: PC1 }],
    ["of a KMS host, under a former name without domain", of(own, "win-1", { fact: event(12_290) }), { host: PC1 }],
    ["former names are no computers, whoever sends", of({ host: PC1, forwarder: true }, "win-1"), { host: PC1 }],
    [
      "of its own log under a former full name, though everybody is a forwarder",
      of({ host: PC1, forwarder: true }, "old.contoso.com", { ownChannel: true }),
      { host: PC1 },
    ],
    [
      "of a KMS host's own log under a former full name",
      of(own, KMS01, { fact: event(12_290), ownChannel: true }),
      { host: PC1 },
    ],
    ["of its own log under what is no computer's name", of(own, "<script>", { ownChannel: true }), { host: PC1 }],
    ["of another, by a forwarder", of({ host: WEC, forwarder: true }, PC1), { host: PC1 }],
    ["of anyone, by a forwarder that names no computer", of({ forwarder: true }, PC1), { host: PC1 }],
    [
      "under the full name, by a sender with a short one",
      of({ host: "pc1", forwarder: false }, PC1, { agent: false }),
      { host: PC1 },
    ],
    ["an event of a resource under a former name", of({ ...own, formerName: "win-1" }, "win-1"), { host: PC1 }],
    ["no event", of(own, undefined, { fact: licensing() as never }), { host: PC1 }],
  ])("%s", (_, found, host) => {
    expect(found).toEqual(host);
  });

  test.each<[string, object, RegExp]>([
    [
      "a KMS host's log under another full name",
      of(own, KMS01, { fact: event(12_290) }),
      /pc1\.contoso\.com may not report events of kms01.*otlp\.forwarders/,
    ],
    [
      "another computer's, by another program",
      of(own, "old.contoso.com", { agent: false }),
      /may not report events of old/,
    ],
    ["anything without a name", of({ forwarder: false }, PC1), /no host\.name, or one that is no computer's name/],
    ["a state without a name", of({ forwarder: false }, undefined, { fact: licensing() as never }), /no host\.name/],
    [
      "a state under a former name",
      of({ ...own, formerName: "win-1" }, undefined, { fact: licensing() as never }),
      /pc1\.contoso\.com may not report as win-1/,
    ],
    ["what is no computer's name", of(own, "<script>", { agent: true }), /may not report events of <script>/],
  ])("%s is refused alone", (_, found, words) => {
    expect(found).toEqual({ refused: expect.stringMatching(words) });
  });

  test("without authentication everybody is a forwarder", () => {
    expect(of(senderOf({ host: undefined, agentEvents: () => false }, undefined, everybody) as Sender, KMS01)).toEqual({
      host: KMS01,
    });
  });
});
