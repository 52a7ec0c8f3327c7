import type { FleetOverview } from "../../../collector/summary/fleet-overview.ts";
import type { Addresses } from "../../../collector/ui/pages/connect-page.ts";

/** What the overview shows beside KMS hosts, of a collector that has heard of nothing. */
export const NO_FLEET: FleetOverview = {
  computers: { reporting: 0, silent: 0, retired: 0 },
  licenses: [],
  deadlines: { within7Days: 0, within30Days: 0, passed: 0 },
  overdue: 0,
  agents: { undelivered: 0, oldestUnsentSeconds: 0, gaps: 0, failingSources: 0 },
};
export const ADDRESSES: Addresses = {
  otlp: "http://127.0.0.1:4318",
  otlpNeeds: "nothing",
  otlpOnlyHere: true,
  web: "http://127.0.0.1:9688",
  webTarget: "127.0.0.1:9688",
  webOnlyHere: true,
};
export const PARTS = { fleet: NO_FLEET, addresses: ADDRESSES };
