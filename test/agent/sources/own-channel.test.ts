import { expect, test } from "@jest/globals";
import { groupsOf } from "../../../agent/delivery/sender.ts";
import { isOwnEvent, underPresentName, withFormerNames } from "../../../agent/sources/own-channel.ts";
import type { Observed } from "../../../agent/sources/source.ts";
import { OWN_CHANNEL } from "../../../licensing/telemetry/own-channel.ts";
import { request } from "../../support/facts.ts";

const PC1 = "pc1.contoso.com";
const event = (computer: string, recordId: number, channel = "Application") => ({
  ...request({ at: 1, client: 1, recordId, host: computer }),
  channel,
});
const observed = (...events: [computer: string, recordId: number, channel?: string][]): Observed[] =>
  events.map(([computer, recordId, channel]) => ({
    host: computer.toLowerCase(),
    observedAt: 1,
    fact: event(computer, recordId, channel),
  }));
const hosts = (facts: readonly Observed[]) => withFormerNames(facts, PC1).map((it) => it.host);

test("set up, renamed and joined to a domain: all is this computer's, under its present name, with the former one in the event", () => {
  const all = withFormerNames(observed(["WIN-EXAMPLE0001", 11], ["pc1", 42], ["PC1.contoso.com", 120]), PC1);
  expect(all.map((it) => [it.host, it.ownChannel, it.fact.kind === "event" && it.fact.computer])).toEqual([
    [PC1, true, "WIN-EXAMPLE0001"],
    [PC1, true, "pc1"],
    [PC1, undefined, "PC1.contoso.com"],
  ]);
});

test.each<[string, Observed[]]>([
  ["computers that take turns", observed([PC1, 1], ["pc2.contoso.com", 2], [PC1, 3])],
  ["a name that comes back", observed(["pc2", 1], ["pc3", 2], ["pc2", 3], [PC1, 4])],
  ["numbers that do not go on", observed(["pc2", 500], [PC1, 4])],
  ["a log in which this computer is not", observed(["pc2", 1], ["pc3", 2])],
  ["another computer after this one", observed([PC1, 1], ["pc2", 2])],
  ["another log of this computer", observed(["pc2", 1, "Application"], [PC1, 2, "Key Management Service"])],
  ["what was forwarded", observed(["pc2", 1, "ForwardedEvents"], [PC1, 2, "ForwardedEvents"])],
])("%s are no former names", (_, facts) => {
  expect(hosts(facts)).toEqual(facts.map((it) => it.host));
});

test("an event log of Windows: its own events, not those that were forwarded into it", () => {
  expect(isOwnEvent(event("pc1", 1), "application")).toBe(true);
  expect(isOwnEvent(event("pc2", 1), "ForwardedEvents")).toBe(false);
  expect(isOwnEvent(event("pc2", 1), "WEC-Licensing")).toBe(false);
  expect(isOwnEvent(event("pc2", 1, "ForwardedEvents"), "ForwardedEvents")).toBe(false);
  expect(underPresentName(event("WIN-EXAMPLE0001", 1), PC1)).toEqual({ host: PC1, ownChannel: true });
  expect(underPresentName(event("PC1.contoso.com", 1), PC1)).toEqual({ host: PC1 });
});

test("the collector can tell: resource of the present name, computer as it was, and a mark", () => {
  const [former, present] = withFormerNames(observed(["pc1", 1], [PC1, 2]), PC1);
  const groups = groupsOf(
    [former!, present!].map((it, i) => ({ ...it, uid: String(i) })),
    (host) => ({ host, instanceId: "i", agentVersion: "1" }),
  );
  expect(groups).toHaveLength(1);
  expect(groups[0]!.resource.attributes["host.name"]).toBe(PC1);
  expect(
    groups[0]!.records.map((it) => [(it.body as { computer: string }).computer, it.attributes[OWN_CHANNEL]]),
  ).toEqual([
    ["pc1", true],
    [PC1, undefined],
  ]);
});
