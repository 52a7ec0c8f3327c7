import { labelWordsEn as L } from "../../licensing/telemetry/locales/label-words-en.ts";
import { WITHIN_DAYS } from "../../licensing/telemetry/metrics.ts";
import { COUNT, PERCENT, plural, word } from "./formats.ts";
import type { Words } from "./texts.ts";

const ZONE = "Zone {{ $labels.zone }}";
const IN_ZONE = "in zone {{ $labels.zone }}";
const STATUS = word("status", L.status);
const WITHIN = word(
  "within",
  Object.fromEntries(WITHIN_DAYS.map((it) => [`${it}d`, it === 1 ? "1 day" : `${it} days`])),
);
const COMPUTERS = plural("computer", "computers");
const MAK = "MAK …-{{ $labels.partial_product_key }}";
const LIST = (query: string) => `\`curl -s 'http://COLLECTOR:9688/api/v1/computers?zone=ZONE&${query}'\` lists them.`;

export const licenses: Pick<
  Words,
  | "LicenseDeadlineNear"
  | "LicenseDeadlinePassed"
  | "LicenseNotification"
  | "LicenseNonGenuine"
  | "LicenseRenewalsOverdue"
  | "LicenseFleetAnomaly"
  | "LicenseChannelDrift"
  | "ClientClockSkew"
  | "MakAllowanceLow"
  | "MakExhaustionForecast"
> = {
  LicenseDeadlineNear: {
    summary: `${ZONE}: ${plural("license expires", "licenses expire")} within ${WITHIN}`,
    description: `The validity or grace period of ${COMPUTERS} ${IN_ZONE} (now: ${STATUS}) ends within ${WITHIN}.`,
    meaning:
      "A client that renews weekly always has at least 173 days left. These computers have not renewed for months, or were never activated. Windows shows its own notice 30 days before the end.",
    affected: "The users of these computers: they see notifications once the grace period has ended.",
    check: LIST("deadline_before=2030-01-31T00:00:00Z"),
    action: "Connect the computers to the network or VPN and run `slmgr /ato`, or activate them with a MAK.",
    guide: "KMS activation renewal",
  },
  LicenseDeadlinePassed: {
    summary: `${ZONE}: ${COMPUTERS} passed the last known deadline`,
    description: `${COMPUTERS} ${IN_ZONE} (last seen: ${STATUS}) reported nothing after the license ran out.`,
    meaning: "A deadline keeps running while a computer is silent.",
    affected: "The users of these computers, if the computers are still in use.",
    check: LIST("deadline_before=2030-01-31T00:00:00Z"),
    action:
      "Find out whether the computers are in use. The collector retires silent computers after 90 days (`retire.after`).",
  },
  LicenseNotification: {
    summary: `${ZONE}: ${plural("license is", "licenses are")} in notification mode`,
    description: `${plural("license", "licenses")} ${IN_ZONE} expired. The users of these computers see notifications.`,
    meaning: "Validity and grace period are over.",
    affected: "The users of these computers: notifications, a black desktop background on older versions.",
    check: LIST("status=notification"),
    action:
      "Run `slmgr /ato`. Event 8198 or 12288 on one of the computers holds the error code; `activation-monitor explain CODE` explains it.",
    guide: "Appendix B",
  },
  LicenseNonGenuine: {
    summary: `${ZONE}: Windows considers ${plural("computer", "computers")} non-genuine`,
    description: `Windows considers ${COMPUTERS} ${IN_ZONE} non-genuine.`,
    meaning: "A key is blocked, or licensing files were changed.",
    affected: "The users of these computers.",
    check: "On one of them: `slmgr /dlv`.",
    action: "Install the client setup key of the edition again (`slmgr /ipk KEY`), then run `slmgr /ato`.",
    guide: "Appendix B",
  },
  LicenseRenewalsOverdue: {
    summary: `${ZONE}: about ${PERCENT} of the computers are overdue for renewal`,
    description: `About ${PERCENT} of the computers ${IN_ZONE} have not renewed for more than two renewal intervals and a day.`,
    meaning: "Too many for computers that travel: they do not reach a KMS host.",
    affected: "No user yet. Their activation expires 180 days after the last renewal.",
    check: "From that zone: `nslookup -type=srv _vlmcs._tcp`, `Test-NetConnection HOST -Port 1688`.",
    action: "Restore DNS and TCP port 1688 from that zone to the KMS hosts.",
    guide: "KMS activation renewal",
  },
  LicenseFleetAnomaly: {
    summary: `${ZONE}: the license state of about ${PERCENT} of the computers got worse within an hour`,
    description: `Within an hour, about ${PERCENT} of the computers ${IN_ZONE} lost their activation, changed their activation method or were rearmed. A change probably affects the whole zone.`,
    meaning: "Single computers change now and then. So many at once are an update, a policy, an image or an attack.",
    affected: "The computers that changed, and probably the next ones.",
    check: LIST("status=notification"),
    action:
      "Find out what was rolled out in the last hours, look at the events of a few of these computers, and stop the roll-out.",
  },
  LicenseChannelDrift: {
    summary: `${ZONE}: ${COMPUTERS} changed the activation method`,
    description: `Within an hour, ${COMPUTERS} ${IN_ZONE} changed the activation method, for example from KMS to MAK or retail.`,
    meaning: "Another product key was installed. Computers that leave KMS no longer count for the KMS host.",
    affected: "No user at once. The count of the KMS host drops within 30 days.",
    check: LIST("channel=retail"),
    action: "If the change was not intended, install the client setup key again: `slmgr /ipk KEY`, `slmgr /ato`.",
    guide: "Table 2",
  },
  ClientClockSkew: {
    summary: `${ZONE}: the clock of ${COMPUTERS} is wrong`,
    description: `The clocks of ${COMPUTERS} ${IN_ZONE} differ by more than an hour. Activation fails at four hours.`,
    meaning:
      "KMS compares times in UTC. The collector compares an agent's clock with its own, and a client's time with its KMS host's. If all clients of a host differ by the same amount, the host's clock is wrong; these clients are not included.",
    affected: "These computers: activation and renewal fail once the difference reaches four hours.",
    check:
      "On one of them: `w32tm /query /status`. `curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST` lists clients with their difference (`clock_skewed`).",
    action: "Fix time synchronization in the zone: `w32tm /resync`.",
  },
  MakAllowanceLow: {
    summary: `${MAK}: ${PERCENT} of the activations are left`,
    description: `${MAK} has ${PERCENT} of its activations left. When none are left, new computers with this key are refused (0xC004C020).`,
    meaning:
      "The remaining activations are those that the licensing portal shows or, without that number, the allowance minus the computers with this key.",
    affected: "No user yet. Computers that are installed after the last activation is used.",
    check:
      "The licensing portal (VLSC, Microsoft 365 admin center) shows the true number; `curl -s http://COLLECTOR:9688/metrics | findstr activation_mak_` shows ours.",
    action:
      "Ask Microsoft's activation call center for a higher allowance, or move computers that reach a KMS host to KMS. Copy the portal's number to `mak[].remaining`: re-imaging uses activations that no inventory shows.",
    guide: "Multiple Activation Key",
  },
  MakExhaustionForecast: {
    summary: `${MAK} will be used up within 30 days`,
    description: `At last week's pace, ${COUNT} more computers will use ${MAK} within 30 days. It has fewer activations left.`,
    meaning: "The number of computers with this key grows faster than its allowance permits.",
    affected: "No user yet. Computers that are installed after the last activation is used.",
    check: "The licensing portal (VLSC, Microsoft 365 admin center) shows the true number.",
    action:
      "Ask Microsoft's activation call center for a higher allowance in time, or stop the roll-out that uses the key.",
    guide: "Multiple Activation Key",
  },
};
