import { className } from "../../licensing/kms/health-sentences.ts";
import type { Application } from "../../licensing/products.ts";
import { DAY, type Instant, utcMinute } from "../../licensing/time.ts";
import type { AskedProduct, KeyView } from "../state/kms-keys.ts";
import type { PoolView } from "./kms-host.ts";
import type { HostSummary, KmsSettings } from "./kms-hosts.ts";

/**
 * What else there is to say of a count, beyond its health: why counts differ, and what to do. Sentences for the API and the
 * page, not for labels.
 */
export const countFindings = (host: HostSummary, it: PoolView, now: Instant): string[] => {
  const { pool } = it;
  const found: string[] = [];
  const add = (when: boolean, sentence: () => string) => {
    if (when) found.push(sentence());
  };
  const reported = pool.reported?.count;
  add(
    it.complete && reported !== undefined && Math.abs(reported - it.tableClients) > 2,
    () =>
      `The KMS host reports ${reported} clients, its log gives ${it.tableClients}. Requests may have been lost from the log, or the table was rebuilt.`,
  );
  add(
    pool.lostAt !== undefined && pool.lostAt > now - 30 * DAY,
    () =>
      `The KMS host lost its table of clients about ${utcMinute(pool.lostAt!)}. The table fills again as clients renew.`,
  );
  for (const { productClass, headroom, reached, waiting } of it.classes) {
    add(headroom !== undefined && headroom < 0 && !reached, () => "A small site may need a MAK.");
    add(
      waiting > 0,
      () => `${waiting} ${className(productClass)} are not activated yet because the count was too low for them.`,
    );
  }
  const { length } = host.duplicates;
  add(
    length > 0,
    () =>
      `Several computers share ${length === 1 ? "1 client machine ID" : `${length} client machine IDs`}. Images that were cloned without sysprep /generalize count as one client.`,
  );
  return found;
};

/** What the host's keys of one product family cannot do, and how far they are used up. */
export const keyFindings = (
  application: Application,
  keys: readonly KeyView[],
  asked: readonly AskedProduct[],
  { keyReactivationsAllowed: allowed }: Pick<KmsSettings, "keyReactivationsAllowed">,
): string[] => {
  const own = keys.filter((it) => it.key.application === application);
  const groups = own.map((it) => it.label).join(", ");
  return [
    ...asked
      .filter((it) => it.application === application && it.uncovered > 0)
      .map(
        ({ product, uncovered }) =>
          `${uncovered} computers with ${product} asked within 30 days and cannot be activated here: ${groups ? `the installed key is for ${groups}` : "no key for that product family is installed"}.`,
      ),
    ...own
      .filter(({ use }) => (use?.reactivations ?? 0) >= allowed)
      .map(
        ({ key, use }) =>
          `The key ${key.partialProductKey} was activated again ${use!.reactivations} times on this host; Microsoft allows ${allowed}. Ask Microsoft for more before you change the hardware again.`,
      ),
  ];
};
