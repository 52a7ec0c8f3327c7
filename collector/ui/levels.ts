import { type HealthState, worstState } from "../../licensing/kms/health.ts";
import type { KmsHostItem } from "../summary/kms/kms-host-item.ts";

/** What a page shows of a state of health: a word, and a colour. */
export type Level = "risk" | "watch" | "unknown" | "maintenance" | "safe";
export const LEVELS: Readonly<Record<HealthState, Level>> = {
  refusing: "risk",
  down: "risk",
  below: "risk",
  near: "watch",
  falling: "watch",
  not_reached: "watch",
  unknown: "unknown",
  maintenance: "maintenance",
  safe: "safe",
};

/** Clients of products without a name make no host unknown: what they leave open of its counts is in those counts. */
export const healthOfItems = (items: readonly KmsHostItem[]): HealthState =>
  worstState(items.filter((it) => it.application !== "unknown" || it.health !== "unknown").map((it) => it.health));
