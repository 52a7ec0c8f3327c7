import { labelWordsEn as L } from "../../licensing/telemetry/locales/label-words-en.ts";
import { CLASS, DURATION, HOST } from "./en-terms.ts";
import { COUNT, counted, needed, plural, silentFor, word } from "./formats.ts";
import type { Words } from "./texts.ts";

const COUNTED = counted("an unknown number");
const NEEDED = needed("required");
const POOL = word("application", L.application);
const REASON = word("reason", L.reason);
const TABLE = "`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST`";

export const kmsCounts: Pick<
  Words,
  | "KmsCountBelowThreshold"
  | "KmsThresholdNotReached"
  | "KmsCountNearThreshold"
  | "KmsCountForecastBelowThreshold"
  | "KmsHostUnknown"
  | "KmsCountsDisagree"
  | "KmsTableLost"
  | "KmsUnknownProducts"
  | "KmsRequestsFailing"
  | "KmsNoRequests"
  | "KmsDuplicateMachineIds"
> = {
  KmsCountBelowThreshold: {
    summary: `KMS host ${HOST} no longer activates ${CLASS}: ${COUNTED} of ${NEEDED} computers`,
    description: `${HOST} counts ${COUNTED} of the ${NEEDED} computers that it needs to activate ${CLASS}. New computers are refused. Activated computers lose their activation 180 days after their last renewal.`,
    meaning:
      "Fewer distinct computers contacted this KMS host within 30 days than the product class needs (25 for Windows clients, 5 for Windows servers and for Office). The count was sufficient before.",
    affected:
      "New computers of this product class, at once: they stay in their grace period (30 days) and then show notifications. Activated computers keep working for up to 180 days after their last renewal.",
    check: `${TABLE} lists the clients that left the table and the clients that leave next. On the host, \`slmgr /dlv\` shows the current count; on a client, \`slmgr /dlv\` shows which KMS host it uses, and \`nslookup -type=srv _vlmcs._tcp\` which hosts DNS offers.`,
    action:
      "Find out where the clients went: another KMS host, a blocked TCP port 1688, or cloned computers that share a client machine ID. Until the count is back, run `slmgr /ato` on more computers or activate urgent ones with a MAK.",
    guide: "KMS activation thresholds",
  },
  KmsThresholdNotReached: {
    summary: `KMS host ${HOST} has not yet reached its threshold for ${CLASS}: ${COUNTED} of ${NEEDED} computers`,
    description: `${HOST} counts ${COUNTED} of the ${NEEDED} computers that it needs to activate ${CLASS}, and never counted enough. It activates none of them.`,
    meaning: "The KMS host is new, or it serves too few computers.",
    affected: "All computers of this product class that use this host. They run in their grace period (30 days).",
    check: `${TABLE} lists the clients that are counted and the clients that wait.`,
    action:
      "Run `slmgr /ato` on more computers. If the site will never have enough computers, use a MAK or another KMS host.",
    guide: "Table 1",
  },
  KmsCountNearThreshold: {
    summary: `KMS host ${HOST} is close to its threshold for ${CLASS}: ${COUNTED} computers, ${NEEDED} needed`,
    description: `${HOST} counts ${COUNTED} computers; it needs ${NEEDED} to activate ${CLASS}. It stops activating when a few more computers leave.`,
    meaning: "The count is still sufficient, but has little headroom.",
    affected: "No user yet.",
    check: `${TABLE} lists the clients that leave the table next.`,
    action: "Find out whether computers were retired, or renew with another KMS host.",
    guide: "KMS activation thresholds",
  },
  KmsCountForecastBelowThreshold: {
    summary: `KMS host ${HOST} drops below its threshold for ${CLASS} in ${DURATION} if no client renews`,
    description: `If no client renews, the count of ${HOST} drops below what ${CLASS} need in ${DURATION}. Healthy clients renew every seven days and keep this above 23 days, so the clients probably cannot reach the host.`,
    meaning: "The client whose entry decides the threshold has not renewed for more than two weeks.",
    affected: "No user yet. New computers are refused once the count has dropped.",
    check:
      "On a client: `Test-NetConnection HOST -Port 1688`, `nslookup -type=srv _vlmcs._tcp`, and event 12288 without event 12289 in the Application log.",
    action: "Restore the network path, the SRV record or the KMS service, then run `slmgr /ato` on a few clients.",
    guide: "KMS activation renewal",
  },
  KmsHostUnknown: {
    summary: `No data from KMS host ${HOST}`,
    description: `The collector has received no event log, no count and no client event of ${HOST} ${silentFor("so far", `for ${DURATION}`)}. Its count alerts are suppressed until data arrives.`,
    meaning: "Silence is not zero: the count may be fine or not.",
    affected: "No user, as far as is known. Problems of this host go unnoticed.",
    check:
      "On the host: `sc query activation-monitor` and the agent's log, or the log of the OpenTelemetry Collector. On the collector: the page `/pipeline`.",
    action: "Start the agent and restore its connection. If the host was retired, list it in `kms.retired_hosts`.",
  },
  KmsCountsDisagree: {
    summary: `KMS host ${HOST}: the reported count and its log differ by ${plural("client", "clients")}`,
    description: `The count that ${HOST} reports and the count computed from its log differ by ${plural("client", "clients")} (${POOL}).`,
    meaning: "Requests are missing from the log, or the host rebuilt its table unnoticed.",
    affected: "No user. Forecasts of this host are less reliable.",
    check: "Compare `slmgr /dlv` on the host with the host's page.",
    action:
      'Enlarge the log if it overwrites events within 30 days: `wevtutil sl "Key Management Service" /ms:67108864`.',
    guide: "Activation count cache",
  },
  KmsTableLost: {
    summary: `KMS host ${HOST} lost its table of clients ${DURATION} ago`,
    description: `The count that ${HOST} reports (${POOL}) dropped ${DURATION} ago by more than expired clients explain. The host counts from the beginning.`,
    meaning: "The KMS host was re-installed, its licensing store was rebuilt, or its key was changed.",
    affected: "New computers, until enough clients have renewed.",
    check: "`slmgr /dlv` on the host shows the count; look for events 1003, 8198 and 12291 in its Application log.",
    action:
      "The count rises as clients renew, within seven days. To speed this up, run `slmgr /ato` on enough computers.",
    guide: "Activation count cache",
  },
  KmsUnknownProducts: {
    summary: `KMS host ${HOST}: ${plural("client", "clients")} asked for products that the catalogue does not name`,
    description: `${plural("client", "clients")} of ${HOST} asked for activation IDs that are not in the catalogue, so the counts are known only as a range.`,
    meaning: "A product that needs 5 computers is a server or Office. Which count it belongs to is not known.",
    affected: "No user. Count alerts of this host may be suppressed.",
    check: "`curl -s http://COLLECTOR:9688/api/v1/events?event=kms_request_processed` shows the activation IDs.",
    action: "Name the activation IDs in `kms.products`, or run an agent on one such client.",
  },
  KmsRequestsFailing: {
    summary: `KMS host ${HOST} answers requests with errors: ${REASON}`,
    description: `${plural("request", "requests")} failed within the last hour of the log of ${HOST}. Cause: ${REASON} ({{ $labels.reason }}).`,
    meaning: "Clients reach the host, but it cannot serve them.",
    affected:
      "The clients that the host refuses: new ones stay in grace, activated ones keep running until their deadline.",
    check: `${TABLE} lists the refused clients; \`activation-monitor explain CODE\` explains a result code of event 12290.`,
    action:
      "clock_skew: fix time synchronization (`w32tm /query /status`; four hours are tolerated). unsupported_product: install a newer host key. host_not_activated: activate the host (`slmgr /ato`).",
    guide: "Activating the first KMS host",
  },
  KmsNoRequests: {
    summary: `No client has contacted KMS host ${HOST} for ${DURATION}`,
    description: `The last request reached ${HOST} ${DURATION} ago, which is longer than a renewal interval and a day. Its log is read without a gap.`,
    meaning: "The host runs and its log is read, but clients no longer contact it.",
    affected: "Clients that depend on this host: their activation expires 180 days after their last renewal.",
    check: "`nslookup -type=srv _vlmcs._tcp` on a client, and `Test-NetConnection HOST -Port 1688`.",
    action: "Restore the SRV record or the firewall rule. If the host is not needed, list it in `kms.retired_hosts`.",
    guide: "How clients find the KMS service",
  },
  KmsDuplicateMachineIds: {
    summary: `Cloned computers use KMS host ${HOST}: ${plural("shared machine ID", "shared machine IDs")}`,
    description: `Several computers share one client machine ID (${COUNT} such IDs at ${HOST}) and count as one client each.`,
    meaning: "Computers were cloned from an image that was not generalized.",
    affected: "The host: its count is lower than the number of computers.",
    check: `${TABLE} lists the computers of each shared ID (\`duplicate_machine_ids\`).`,
    action: "Run `slmgr /rearm` on the listed computers, and `sysprep /generalize` on the image.",
    guide: "Activation count cache",
  },
};
