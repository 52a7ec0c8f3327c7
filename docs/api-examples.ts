import { SIMULATED_MAK, SIMULATED_ZONES, simulatedFleet } from "../agent/simulation/simulate.ts";
import { readCollectorConfig } from "../collector/config.ts";
import { openEngine } from "../collector/engine/engine.ts";
import { openSqlite } from "../collector/store/sqlite/store.ts";

/** The instant of the examples. */
const NOW = Date.parse("2026-11-27T12:00:00Z");
const FLEET = { seed: 1, hosts: 120, version: "0.2.0" };

const CONFIG = JSON.stringify({ zones: SIMULATED_ZONES, mak: SIMULATED_MAK });

/** Lists are cut to their first item, so that an example stays short. */
const shortened = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shortened);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, shortened(it)]));
};

/** The answers of a collector that the simulated fleet has reported to, as JSON texts by the path that was asked. */
export const exampleAnswers = async (): Promise<ReadonlyMap<string, string>> => {
  const engine = await openEngine(openSqlite(":memory:"), readCollectorConfig("example", CONFIG, {}), {
    clock: () => NOW,
    version: FLEET.version,
  });
  try {
    for (const request of simulatedFleet({ ...FLEET, now: NOW }).present())
      await engine.ingest([{ read: () => request, receivedAt: NOW }]);
    const answers = {
      "/api/v1/kms-hosts": await engine.answer({ ask: "kms-hosts" }),
      "/api/v1/kms-hosts/kms01.contoso.com": await engine.answer({ ask: "kms-host", host: "kms01.contoso.com" }),
      "/api/v1/kms-hosts/kms01.contoso.com/timeline": await engine.answer({
        ask: "kms-host-timeline",
        host: "kms01.contoso.com",
      }),
      "/api/v1/computers?q=pc&limit=1": await engine.answer({ ask: "computers", q: "pc", limit: 1 }),
      "/api/v1/events?event=kms_request_processed&limit=1": await engine.answer({
        ask: "events",
        event: "kms_request_processed",
        since: 0,
        limit: 1,
      }),
      "/api/v1/probes": await engine.answer({ ask: "probes" }),
      "/api/v1/recommendations": await engine.answer({ ask: "recommendations" }),
      "/api/v1/worksheet": await engine.answer({ ask: "worksheet" }),
      "/api/v1/collector": await engine.answer({ ask: "collector" }),
    };
    return new Map(Object.entries(answers).map(([path, answer]) => [path, JSON.stringify(shortened(answer), null, 2)]));
  } finally {
    await engine.close();
  }
};
