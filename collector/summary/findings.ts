import { className } from "../../licensing/kms/health-sentences.ts";
import { CLIENT_LIFETIME } from "../../licensing/kms/ledger.ts";
import type { Application } from "../../licensing/products.ts";
import { DAY, HOUR, type Instant, utcMinute } from "../../licensing/time.ts";
import type { AskedProduct, KeyView } from "../state/kms-keys.ts";
import type { PoolView } from "./kms-host.ts";
import type { ApplicationSummary, HostSummary, KmsSettings } from "./kms-hosts.ts";
import type { SplitCount } from "./split-counts.ts";

/**
 * What else there is to say of a count, beyond its health: why counts differ, and what to do. Sentences for the API and the
 * page, not for labels.
 */
export const countFindings = (
  host: HostSummary,
  it: PoolView,
  { splits }: Pick<ApplicationSummary, "splits">,
  now: Instant,
): string[] => {
  const { pool } = it;
  const found: string[] = [];
  const add = (when: boolean, sentence: () => string) => {
    if (when) found.push(sentence());
  };
  const differs = disagreement(host, it);
  add(differs !== undefined, () => differs!);
  add(
    pool.simulation.lostAt !== undefined && pool.simulation.lostAt > now - 30 * DAY,
    () =>
      `The KMS host lost its table of clients about ${utcMinute(pool.simulation.lostAt!)}. The table fills again as clients renew.`,
  );
  for (const { productClass, headroom, reached, required, waiting } of it.classes) {
    const split = splits[productClass];
    const isBelow = headroom !== undefined && headroom < 0;
    add(isBelow && split !== undefined, () => splitText(split!));
    add(
      isBelow && split === undefined && !reached,
      () => `A site with fewer than ${required} computers needs a MAK instead.`,
    );
    add(
      waiting > 0,
      () => `Not activated yet because the count was too low: ${waiting} ${className(productClass, waiting)}.`,
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

export const UNEXPECTED =
  "This KMS host is not listed in kms.expected_hosts. List it there, or remove its KMS host key and install a client key: each such computer uses up an activation of the host key.";

const HOSTS_MAX = 5;

const splitText = (split: SplitCount): string => {
  const some = split.slice(0, HOSTS_MAX).map(({ name, count }) => `${name} ${count}`);
  return `The count is split over ${split.length} KMS hosts, and each counts on its own: ${some.join(", ")}${split.length > HOSTS_MAX ? " …" : ""}. Direct these clients to one KMS host.`;
};

/** A handful differs because log and count are read at different moments. */
const TOLERANCE = 2;

/** What the host counts and what its log gives, where both are of the same time and cannot both be right. */
const disagreement = ({ judgedAt }: HostSummary, it: PoolView): string | undefined => {
  const { reported, simulation } = it.pool;
  if (!it.complete || it.effective?.source !== "reported" || !reported || judgedAt === undefined) return undefined;
  if (judgedAt + HOUR < reported.at) return undefined;
  // Who asked since the reading may have been in the table before, or not.
  const current = simulation.ledger.entries.filter(([, last]) => last + CLIENT_LIFETIME > reported.at);
  const since = current.filter(([, last]) => last > reported.at).length;
  const [least, most] = [current.length - since, Math.max(current.length, it.mostClients)];
  const differ = `The KMS host reports ${reported.count} clients, its log gives ${it.tableClients}.`;
  if (reported.count > most + TOLERANCE) return `${differ} Requests may have been lost from the log.`;
  if (reported.count < least - TOLERANCE) return `${differ} The host may have lost its table of clients.`;
  return undefined;
};

const IDS_MAX = 5;

/** Which products a collector does not know, and what that leaves open. */
export const unknownProductFinding = (ids: readonly string[]): string[] =>
  ids.length === 0
    ? []
    : [
        `Products with these activation IDs are not known: ${ids.slice(0, IDS_MAX).join(", ")}${ids.length > IDS_MAX ? " …" : ""}. They may be Windows Server or Office, so the counts without and with their clients are shown. List them in kms.products.`,
      ];

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
          `${uncovered === 1 ? "1 computer" : `${uncovered} computers`} with ${product} asked within 30 days and cannot be activated here: ${groups ? `the installed key is for ${groups}` : "no key for that product family is installed"}.`,
      ),
    ...own
      .filter(({ use }) => (use?.reactivations ?? 0) >= allowed)
      .map(
        ({ key, use }) =>
          `The key ${key.partialProductKey} was activated again ${use!.reactivations} times on this host; Microsoft allows ${allowed}. Ask Microsoft for more before you change the hardware again.`,
      ),
  ];
};
