import * as health from "../../../licensing/kms/health-sentences.ts";
import { planningEn } from "../../../licensing/planning-sentences.ts";
import { labelWordsEn } from "../../../licensing/telemetry/locales/label-words-en.ts";
import { utcMinute } from "../../../licensing/time.ts";
import { clockDoubtText } from "../clock-doubt.ts";
import type { Sentences } from "./sentences.ts";

const REMEDY: Readonly<Record<string, string>> = {
  unresolved: "DNS does not find its name.",
  refused:
    "Nothing listens there: check that the Software Protection service (sppsvc) runs and that the port is right.",
  timeout: "A firewall may drop TCP port 1688, or the host is off or hangs.",
  rejected: "Another RPC service listens on this port.",
  malformed: "A service other than RPC listens on this port.",
};

export const en: Sentences = {
  health,
  planning: planningEn,
  unexpected:
    "This KMS host is not listed in kms.expected_hosts. List it there, or remove its KMS host key and install a client key: each such computer uses up an activation of the host key.",
  countsDiffer: (reported, fromLog, lost) =>
    `The KMS host reports ${reported} clients, its log gives ${fromLog}. ${lost === "requests" ? "Requests may have been lost from the log." : "The host may have lost its table of clients."}`,
  tableLost: (at) =>
    `The KMS host lost its table of clients about ${utcMinute(at)}. The table fills again as clients renew.`,
  siteTooSmall: (required) => `A site with fewer than ${required} computers needs a MAK instead.`,
  waiting: (clients, productClass) =>
    `Not activated yet because the count was too low: ${clients} ${health.className(productClass, clients)}.`,
  duplicates: (ids) =>
    `Several computers share ${ids === 1 ? "1 client machine ID" : `${ids} client machine IDs`}. Images that were cloned without sysprep /generalize count as one client.`,
  split: (hosts, some) =>
    `The count is split over ${hosts} KMS hosts, and each counts on its own: ${some}. Direct these clients to one KMS host.`,
  unknownProducts: (ids) =>
    `Products with these activation IDs are not known: ${ids}. They may be Windows Server or Office, so the counts without and with their clients are shown. List them in kms.products.`,
  uncovered: (computers, product, groups) =>
    `${computers === 1 ? "1 computer" : `${computers} computers`} with ${product} asked within 30 days and cannot be activated here: ${groups ? `the installed key is for ${groups}` : "no key for that product family is installed"}.`,
  reactivated: (key, times, allowed) =>
    `The key ${key} was activated again ${times} times on this host; Microsoft allows ${allowed}. Ask Microsoft for more before you change the hardware again.`,
  clockDoubted: (doubt) =>
    `This collector's own clock is doubted: ${clockDoubtText(doubt)}. It deletes nothing, and refuses reports while agents contradict it. Set the clock of this computer.`,
  limitReached: ({ limit, used, allowed }) =>
    `A limit of this collector is reached: ${labelWordsEn.limit[limit]}, ${used} of ${allowed}. ${
      limit === "computers"
        ? "Reports of new computers are refused. Raise limits.computers, or find out who reports so many computers."
        : "What is new is counted without its details. Find out who reports so much: an honest fleet stays far below."
    }`,
  probe: ({ prober, zone, since, target, outcome, isTcp }) => {
    const what = isTcp
      ? `no TCP connection to ${target} (${outcome})`
      : `${target} takes TCP connections, but the KMS service does not answer (${outcome})`;
    const remedy = REMEDY[outcome] ?? "Check that the host runs and that TCP port 1688 is open.";
    return `${prober} (zone ${zone}) has not reached this KMS host since ${utcMinute(since)}: ${what}. Clients in that zone cannot activate with it. ${remedy}`;
  },
};
