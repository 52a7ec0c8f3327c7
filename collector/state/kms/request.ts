import type { NormalisedEvent } from "../../../licensing/events/names.ts";
import { COUNT_TOO_LOW, classOf, isPlausibleNeed, isValidRequest, poolOf } from "../../../licensing/kms/rules.ts";
import type { CountedRequest } from "../../../licensing/kms/simulation.ts";
import type { Products } from "../../../licensing/products.ts";
import { type Reason, reasonOf } from "../../../licensing/reasons.ts";
import type { Instant } from "../../../licensing/time.ts";

/** A request with all that counting needs. */
export interface KmsRequest extends CountedRequest {
  /** That were left in the state before the request. */
  readonly minutes: number | undefined;
  readonly valid: boolean;
  readonly reason: Reason;
  readonly clientTime: string | undefined;
}

/**
 * Shared by what happens live and by a replay of stored events, so that both count the same.
 *
 * @returns undefined when the event does not say it (a payload, a forged need).
 */
export const requestOf = (event: NormalisedEvent, at: Instant, products: Products): KmsRequest | undefined => {
  const { client_machine_id: cmid, required_count: need, hresult, activation_id: activationId } = event;
  if (event.event !== "kms_request_processed" || !cmid || need === undefined || !hresult || !activationId)
    return undefined;
  if (!isPlausibleNeed(need)) return undefined;
  const pool = poolOf(activationId, need, products);
  return {
    cmid,
    at,
    need,
    pool,
    productClass: classOf(pool, need),
    name: (event.client_fqdn ?? "").toLowerCase(),
    valid: isValidRequest(hresult),
    reason: reasonOf(hresult),
    status: event.license_status,
    minutes: event.minutes_to_expiration,
    tooFew: hresult === COUNT_TOO_LOW,
    clientTime: event.client_time,
  };
};
