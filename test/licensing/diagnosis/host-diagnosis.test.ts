import { expect, test } from "@jest/globals";
import {
  diagnoseKmsHost,
  type HostDiagnosis,
  hostDiagnosisText,
  type KmsHostFacts,
} from "../../../licensing/diagnosis/host-diagnosis.ts";
import { entryOfEvent, type TimelineEntry } from "../../../licensing/diagnosis/timeline-entry.ts";
import { normalise } from "../../../licensing/events/normalise.ts";
import { HEALTH_STATES } from "../../../licensing/kms/health.ts";
import { HOUR, type Instant } from "../../../licensing/time.ts";
import { request } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const event = (eventId: number, at: Instant, ...data: string[]): TimelineEntry =>
  entryOfEvent(normalise({ ...request({ at, client: 1 }), eventId, channel: "Application", data }), at, "kms_host")!;
const handled = (at: Instant, hresult = "0x0"): TimelineEntry =>
  entryOfEvent(normalise(request({ at, client: 1, hresult })), at, "kms_host")!;

test.each<[string, Partial<KmsHostFacts>, HostDiagnosis]>([
  ["safe", {}, { state: "ok", fault: "none" }],
  [
    "DNS publishing fails",
    {
      entries: [
        event(12293, T - 2 * HOUR, "0x80072338", "contoso.com"),
        event(12293, T - HOUR, "0x80072338", "contoso.com"),
      ],
    },
    { state: "attention", fault: "dns", since: T - 2 * HOUR },
  ],
  [
    "DNS publishing failed and succeeded",
    { entries: [event(12293, T - 2 * HOUR, "0x80072338", "contoso.com"), event(12294, T - HOUR, "contoso.com")] },
    { state: "ok", fault: "none" },
  ],
  [
    "requests are refused since the last that was not",
    {
      health: "refusing",
      entries: [handled(T - 3 * HOUR), handled(T - 2 * HOUR, "0xC004F041"), handled(T - HOUR, "0xC004F041")],
    },
    { state: "problem", fault: "key", since: T - 2 * HOUR },
  ],
  [
    "its service did not start",
    { health: "down", entries: [event(12291, T - HOUR, "0x80070005")] },
    { state: "problem", fault: "host", since: T - HOUR },
  ],
  [
    "below its threshold",
    { health: "below", belowSince: T - HOUR },
    { state: "problem", fault: "client", since: T - HOUR },
  ],
  ["silent", { health: "unknown", knownUntil: T - HOUR }, { state: "unknown", fault: "host", since: T - HOUR }],
])("%s", (_, more, expected) => {
  expect(diagnoseKmsHost({ health: "safe", reasons: [], entries: [], ...more })).toEqual(expected);
});

test("every state of health has a paragraph in both languages", () => {
  for (const health of HEALTH_STATES)
    for (const language of ["en", "ja"] as const) {
      const facts: KmsHostFacts = {
        health,
        reasons: health === "safe" ? [] : ["A reason."],
        entries: [],
        belowSince: T,
      };
      const text = hostDiagnosisText(diagnoseKmsHost(facts), facts, language);
      expect(text).toMatch(health === "safe" ? /\S{3}/ : /^A reason\./);
      expect(text).not.toMatch(/undefined|NaN/);
    }
});
