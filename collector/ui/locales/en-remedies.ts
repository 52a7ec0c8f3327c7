import type { Texts } from "./texts.ts";

export const remediesEn: Texts["remedies"] = {
  count_too_low: "More computers must contact the KMS host. Look at its page for who leaves the table next.",
  host_unreachable: "Check that the KMS host runs and that TCP port 1688 is open between client and host.",
  dns: "Check the SRV record _vlmcs._tcp in the client's DNS domains, or set the KMS host with slmgr /skms.",
  clock_skew: "Fix time synchronization: client and KMS host may differ by 4 hours at most.",
  unsupported_product: "Install a KMS host key on the host that covers this product.",
  bios_marker_missing: "Volume licenses are upgrades: this computer has no qualifying Windows license in its BIOS.",
  not_genuine: "Check the computer for changed system files and for the product key in use.",
  key_blocked: "Install another product key; ask Microsoft why this one is blocked.",
  host_not_activated: "Activate the KMS host key on the host (slmgr /ato).",
  limit_exceeded: "Ask Microsoft to raise the key's activation limit, or use KMS.",
  hardware_changed: "Activate again (slmgr /ato).",
  grace_expired: "Activate now (slmgr /ato); a rearm (slmgr /rearm) resets the grace period where any are left.",
  adba: "Check the activation object in Active Directory and the domain controller's connection.",
  token: "Check the token-based activation certificate and its issuer.",
  avma: "Check that the virtualization host is activated and that the guest's AVMA key fits its version.",
  access_denied: "Run the command with administrator rights, and check the rights of the Software Protection service.",
  other: "Look up the code with activation-monitor explain.",
};
