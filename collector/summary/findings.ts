import type { Application } from "../../licensing/products.ts";
import { DAY, type Instant, utcMinute } from "../../licensing/time.ts";
import type { AskedProduct, KeyView } from "../state/kms-keys.ts";
import type { HostView, PoolView } from "./kms-host.ts";

export const NOTHING_KNOWN =
  "Nothing is known of this KMS host's count. Let its agent run, with the Key Management Service log and license state.";

/** Sentences that say why the counts of a KMS host differ and what to do; for the API and the page, not for labels. */
export const findingsOf = (view: HostView, it: PoolView, now: Instant): string[] => {
  const { pool } = it;
  const reported = pool.reported?.count;
  const found: string[] = [];
  const say = (when: boolean, sentence: () => string) => {
    if (when) found.push(sentence());
  };
  say(!it.effective, () =>
    view.judgedAt === undefined
      ? NOTHING_KNOWN
      : "The count cannot be judged: the log of the last 30 days was not read without a gap, and no fresh count was reported.",
  );
  say(
    it.complete && reported !== undefined && Math.abs(reported - it.tableClients) > 2,
    () =>
      `The KMS host reports ${reported} clients, its log gives ${it.tableClients}. Requests may have been lost from the log, or the table was rebuilt.`,
  );
  say(
    pool.simulation.lostAt !== undefined && pool.simulation.lostAt > now - 30 * DAY,
    () => `The KMS host lost its table of clients about ${utcMinute(pool.simulation.lostAt!)}. It fills again as clients renew.`,
  );
  for (const { productClass, headroom, required, reached, belowThresholdAt, waiting } of it.classes) {
    say(
      headroom !== undefined && headroom < 0 && reached,
      () =>
        `${-headroom!} more clients must ask before ${productClass} products activate again (${required} are needed).`,
    );
    say(
      headroom !== undefined && headroom < 0 && !reached,
      () =>
        `${productClass} products never activated here: ${required} distinct computers must ask first. A small site may need a MAK.`,
    );
    say(
      belowThresholdAt !== undefined && belowThresholdAt > now && belowThresholdAt < now + 14 * DAY,
      () =>
        `If no client renews, the count for ${productClass} falls below ${required} on ${utcMinute(belowThresholdAt!)}.`,
    );
    say(waiting > 0, () => `${waiting} ${productClass} computers wait for the count.`);
  }
  say(
    view.duplicates.length > 0,
    () =>
      `${view.duplicates.length} client machine IDs are used by several computers: images cloned without sysprep /generalize count once.`,
  );
  say(
    it.application === "unknown",
    () =>
      "Clients of products nobody named yet asked here. Name their activation IDs in kms.products, so that they are counted where they belong.",
  );
  return found;
};

/** What the host's keys of one product family cannot do, and what is used up of them. */
export const keyFindings = (
  application: Application,
  keys: readonly KeyView[],
  asked: readonly AskedProduct[],
  { keyReactivationsAllowed: allowed }: { readonly keyReactivationsAllowed: number },
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
          `The key ${key.partialProductKey} was activated again ${use!.reactivations} times on this host; Microsoft allows ${allowed}. Ask for more before the hardware changes again.`,
      ),
  ];
};
