import type { Log } from "../../config/log.ts";
import type { Delivery } from "./delivery-result.ts";

/**
 * Writes what became of each request into the agent's log. A reason why records wait is written once, not with each try, and
 * again when it changes or comes back.
 */
export const logDeliveries = (log: Log): ((delivery: Delivery, records: number) => void) => {
  let waitingFor: string | undefined;
  return (delivery, records) => {
    if (delivery.outcome === "later") {
      if (delivery.reason !== waitingFor)
        log.warn(
          `The collector did not take ${records} records: ${delivery.reason}. They stay in the spool and are sent again.`,
        );
      waitingFor = delivery.reason;
      return;
    }
    if (waitingFor !== undefined) log.info("The collector answers again.");
    waitingFor = undefined;
    if (delivery.outcome === "refused")
      log.error(`The collector refused ${records} records for good: ${delivery.reason}`);
    else if (delivery.outcome === "accepted" && delivery.rejected > 0)
      log.error(`The collector rejected ${delivery.rejected} records: ${delivery.message}`);
    else log.debug(`${records} records: ${delivery.outcome}`);
  };
};
