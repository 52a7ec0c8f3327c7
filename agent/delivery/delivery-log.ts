import type { Log } from "../../config/log.ts";
import type { Delivery } from "./delivery-result.ts";

/** Writes what became of each request into the agent's log. */
export const logDeliveries =
  (log: Log) =>
  (delivery: Delivery, records: number): void => {
    if (delivery.outcome === "later")
      log.warn(`The collector did not take ${records} records: ${delivery.reason}. They stay in the spool.`);
    else if (delivery.outcome === "refused")
      log.error(`The collector refused ${records} records for good: ${delivery.reason}`);
    else if (delivery.outcome === "accepted" && delivery.rejected > 0)
      log.error(`The collector rejected ${delivery.rejected} records: ${delivery.message}`);
    else log.debug(`${records} records: ${delivery.outcome}`);
  };
