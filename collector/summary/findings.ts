import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import type { Application } from "../../licensing/products.ts";
import { DAY, HOUR, type Instant } from "../../licensing/time.ts";
import type { AskedProduct, KeyView } from "../state/kms/keys.ts";
import type { PoolView } from "./kms/kms-host.ts";
import type { ApplicationSummary, HostSummary, KmsSettings } from "./kms/kms-hosts.ts";
import type { SplitCount } from "./kms/split-counts.ts";
import type { Sentences } from "./locales/sentences.ts";

/**
 * What else there is to say of a count, beyond its health: why counts differ, and what to do. Sentences for the API and the
 * page, not for labels.
 */
export const countFindings = (
  host: HostSummary,
  it: PoolView,
  { splits }: Pick<ApplicationSummary, "splits">,
  { now, say }: { now: Instant; say: Sentences },
): string[] => {
  const { pool } = it;
  const found: string[] = [];
  const add = (when: boolean, sentence: () => string) => {
    if (when) found.push(sentence());
  };
  const differs = disagreement(host, it, say);
  add(differs !== undefined, () => differs!);
  add(pool.simulation.lostAt !== undefined && pool.simulation.lostAt > now - 30 * DAY, () =>
    say.tableLost(pool.simulation.lostAt!),
  );
  for (const { productClass, headroom, reached, required, waiting } of it.classes) {
    const split = splits[productClass];
    const isBelow = headroom !== undefined && headroom < 0;
    add(isBelow && split !== undefined, () => splitText(split!, say));
    add(isBelow && split === undefined && !reached, () => say.siteTooSmall(required));
    add(waiting > 0, () => say.waiting(waiting, productClass));
  }
  const { length } = host.duplicates;
  add(length > 0, () => say.duplicates(length));
  return found;
};

const HOSTS_MAX = 5;

const splitText = (split: SplitCount, say: Sentences): string => {
  const some = split.slice(0, HOSTS_MAX).map(({ name, count }) => `${name} ${count}`);
  return say.split(split.length, `${some.join(", ")}${split.length > HOSTS_MAX ? " …" : ""}`);
};

/** A handful differs because log and count are read at different moments. */
const TOLERANCE = 2;

/** What the host counts and what its log gives, where both are of the same time and cannot both be right. */
const disagreement = ({ judgedAt }: HostSummary, it: PoolView, say: Sentences): string | undefined => {
  const { reported, simulation } = it.pool;
  if (!it.complete || it.effective?.source !== "reported" || !reported || judgedAt === undefined) return undefined;
  if (judgedAt + HOUR < reported.at) return undefined;
  // Who asked since the reading may have been in the table before, or not.
  const current = simulation.ledger.entries.filter(([, last]) => last + CLIENT_LIFETIME > reported.at);
  const since = current.filter(([, last]) => last > reported.at).length;
  const [least, most] = [current.length - since, Math.max(current.length, it.mostClients)];
  const differ = (lost: "requests" | "table") => say.countsDiffer(reported.count, it.tableClients, lost);
  if (reported.count > most + TOLERANCE) return differ("requests");
  if (reported.count < least - TOLERANCE) return differ("table");
  return undefined;
};

const IDS_MAX = 5;

/** Which products a collector does not know, and what that leaves open. */
export const unknownProductFinding = (ids: readonly string[], say: Sentences): string[] =>
  ids.length === 0
    ? []
    : [say.unknownProducts(`${ids.slice(0, IDS_MAX).join(", ")}${ids.length > IDS_MAX ? " …" : ""}`)];

/** What the host's keys of one product family cannot do, and how far they are used up. */
export const keyFindings = (
  application: Application,
  keys: readonly KeyView[],
  asked: readonly AskedProduct[],
  { keyReactivationsAllowed: allowed }: Pick<KmsSettings, "keyReactivationsAllowed">,
  say: Sentences,
): string[] => {
  const own = keys.filter((it) => it.key.application === application);
  const groups = own.map((it) => it.label).join(", ");
  return [
    ...asked
      .filter((it) => it.application === application && it.uncovered > 0)
      .map(({ product, uncovered }) => say.uncovered(uncovered, product, groups)),
    ...own
      .filter(({ use }) => (use?.reactivations ?? 0) >= allowed)
      .map(({ key, use }) => say.reactivated(key.partialProductKey, use!.reactivations, allowed)),
  ];
};
