import type { Products } from "../../licensing/products.ts";
import { type Instant, iso } from "../../licensing/time.ts";
import { skewedClients } from "../state/client-clocks.ts";
import { clientsKnown, type KmsHostState } from "../state/kms-host-state.ts";
import { keyViews } from "../state/kms-keys.ts";

/** Of one KMS host: its keys, whom it refused for them, and whose clock differs from its own. */
export const keysAndClocks = (host: KmsHostState, products: Products, now: Instant): object => ({
  keys: keyViews(host, products).map(({ key, label, use }) => ({
    application: key.application,
    partial_product_key: key.partialProductKey,
    product_group: label,
    status: key.status,
    reactivations: use?.reactivations,
  })),
  refused: Object.entries(host.refused).map(([cmid, it]) => ({
    client_machine_id: cmid,
    client_fqdn: it.name,
    product: products.label(it.activationId),
    activation_id: it.activationId,
    last_request: iso(it.at),
  })),
  clock_skewed: skewedClients(host.clocks, clientsKnown(host, now), now).map(([cmid, it]) => ({
    client_machine_id: cmid,
    client_fqdn: it.name,
    minutes_off: it.quarters * 15,
    last_request: iso(it.at),
  })),
});
