import type { HeartbeatFact, LicensingFact, Properties } from "../../licensing/facts.ts";
import { iso } from "../../licensing/time.ts";
import { heartbeat, licensing, product } from "../support/facts.ts";

export const HOST = "pc1.contoso.com";
/** Names as WMI has them; some 12 KB a product, which is more than a real one tells. */
const PROPERTIES = 60;
const OFFICE = "0ff1ce15-a989-479d-af46-f275c6370663";

/** A reading of 24 KB, as a Windows with Office gives: two products with all their properties. */
export const fullReading = (now: number): LicensingFact => {
  const filler: Properties = Object.fromEntries(
    Array.from({ length: PROPERTIES }, (_, i) => [`Property${i}`, `${i} ${"value ".repeat(30)}`]),
  );
  const products = [product(), product({ ID: OFFICE, Name: "Office 21, Office21ProPlus2021VL_KMS_Client edition" })];
  return licensing(
    products.map((it) => ({ ...filler, ...it, EvaluationEndDate: iso(now) })),
    { intervalSeconds: 4 * 3_600 },
  );
};

/** As a line of a recording, which the agent follows. */
export const readingLine = (now: number): string => {
  const { products, service } = fullReading(now);
  return `${JSON.stringify({ host: HOST, observed_at: iso(now), products, service })}\n`;
};

/** What an ordinary computer's agent tells of itself each quarter of an hour. */
export const quarterlyHeartbeat = (now: number): HeartbeatFact => ({ ...heartbeat(now), intervalSeconds: 900 });
