import type { ProbeFact } from "../../licensing/facts.ts";
import { KMS_PORT } from "../../licensing/kms/probe.ts";
import { DOMAIN, dice, KMS_HOSTS } from "./fleet.ts";

const INTERVAL_SECONDS = 300;

/** What a prober of the fleet sees: every KMS host answers, and DNS still offers one that was removed. */
export const probeFacts = (seed: number, prober: string): ProbeFact[] => {
  const published = [KMS_HOSTS.core1, KMS_HOSTS.core2, KMS_HOSTS.branch];
  const record = (target: string, priority: number, resolution: string) => ({
    target,
    port: KMS_PORT,
    priority,
    weight: 0,
    resolution,
  });
  const latencyMs = (of: string) => Math.round(dice(seed, prober, of) * 200) / 10;
  return [
    {
      kind: "probe",
      probe: "dns_srv",
      target: DOMAIN,
      outcome: "ok",
      latencyMs: latencyMs(DOMAIN),
      records: [...published.map((it) => record(it, 0, "ok")), record(`kms-old.${DOMAIN}`, 10, "nxdomain")],
      intervalSeconds: INTERVAL_SECONDS,
    },
    ...Object.values(KMS_HOSTS).flatMap((host) =>
      ["tcp", "rpc"].map(
        (probe): ProbeFact => ({
          kind: "probe",
          probe,
          target: `${host}:${KMS_PORT}`,
          outcome: "ok",
          latencyMs: latencyMs(host + probe),
          intervalSeconds: INTERVAL_SECONDS,
        }),
      ),
    ),
  ];
};
