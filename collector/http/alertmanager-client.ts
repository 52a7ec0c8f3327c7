import { z } from "zod";
import { type HttpClient, httpClient } from "../../config/http-client.ts";
import { SECOND } from "../../licensing/time.ts";
import type { FiringAlert } from "../ui/host-alerts.ts";

/** A page does not wait longer for Alertmanager than a reader would. */
const TIMEOUT_MS = 2 * SECOND;
const ANSWER_BYTES_MAX = 1024 * 1024;
const ALERTS_MAX = 50;
const OK = 200;

const answer = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
    startsAt: z.iso.datetime({ offset: true }),
    status: z.object({
      state: z.string(),
      silencedBy: z.array(z.string()).default([]),
      inhibitedBy: z.array(z.string()).default([]),
    }),
  }),
);

export interface AlertmanagerClient {
  /** The alerts of a KMS host. @returns undefined when Alertmanager does not answer as its API says */
  alertsOf(kmsHost: string): Promise<readonly FiringAlert[] | undefined>;
  close(): void;
}

/** Reads alerts from Alertmanager's API (v2). */
export const alertmanagerClient = (address: string, client: HttpClient = httpClient(new URL(address).protocol)) => ({
  alertsOf: async (kmsHost: string): Promise<readonly FiringAlert[] | undefined> => {
    const url = new URL(`${address.replace(/\/$/, "")}/api/v2/alerts`);
    url.searchParams.set("filter", `kms_host=${JSON.stringify(kmsHost)}`);
    try {
      const { status, body } = await client.request(url, {
        method: "GET",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        bodyMax: ANSWER_BYTES_MAX,
      });
      if (status !== OK) return undefined;
      const read = answer.safeParse(JSON.parse(body.toString("utf8")));
      return read.data
        ?.slice(0, ALERTS_MAX)
        .map(({ labels, annotations, startsAt, status: { state, silencedBy, inhibitedBy } }) => ({
          name: labels.alertname ?? "",
          severity: labels.severity ?? "",
          summary: annotations.summary ?? "",
          since: startsAt,
          state:
            silencedBy.length > 0
              ? "silenced"
              : inhibitedBy.length > 0 || state === "suppressed"
                ? "inhibited"
                : "firing",
        }));
    } catch {
      return undefined;
    }
  },
  close: () => client.close(),
});
