const learn = "https://learn.microsoft.com";

/** Where a code or an event is documented. `slerror.h` is part of the Windows SDK and has no page of its own. */
export const SOURCES = {
  slerror: { title: "slerror.h, Windows SDK", url: "https://developer.microsoft.com/windows/downloads/windows-sdk/" },
  winerror: { title: "System error codes", url: `${learn}/windows/win32/debug/system-error-codes` },
  errors: {
    title: "Troubleshoot Windows activation error codes",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes`,
  },
  help: {
    title: "Get help with Windows activation errors",
    url: "https://support.microsoft.com/windows/get-help-with-windows-activation-errors-09d8fb64-6768-4815-0c30-159fa7d89d85",
  },
  slmgr: { title: "Slmgr.vbs options", url: `${learn}/windows-server/get-started/activation-slmgr-vbs-options` },
  timestamp: {
    title: "Error 0xC004F074 when you activate Windows",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/error-0xc004f074-activate-windows`,
  },
  kmsDns: {
    title: "Common troubleshooting procedures for KMS and DNS issues",
    url: `${learn}/windows-server/get-started/common-troubleshooting-procedures-kms-dns`,
  },
  adba: {
    title: "Activate using Active Directory-based activation",
    url: `${learn}/windows/deployment/volume-activation/activate-using-active-directory-based-activation-client`,
  },
  avma: {
    title: "Automatic Virtual Machine Activation",
    url: `${learn}/windows-server/get-started/automatic-vm-activation`,
  },
  eventLog: { title: "Windows Event Log (Table 11)", url: `${learn}/previous-versions/ff793440(v=technet.10)` },
  messages: {
    title: "Message table of sppsvc.exe and slsvc.exe",
    url: "https://github.com/libyal/winevt-kb",
  },
  event8198: {
    title: "Event 8198, error 0xC0020017 or 0x8007139F",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/activation-event-8198-error-0xc0020017-0x8007139f-kms-contact-failure`,
  },
  event8208: {
    title: "Event IDs 8208, 8200 and 900",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/event-id-8208-8200-900`,
  },
  event12293: {
    title: "Event 12293 on a KMS host",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/event-12293-error-0x800723-set-kms-host`,
  },
  event12321: {
    title: "Event 12321, token-based activation failed",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/event-id-12321-warning-token-based-activation-failed`,
  },
  event1058: {
    title: "Event 1058 in the Application log",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/application-event-log-warning-id-1058`,
  },
  adbaHelp: {
    title: "Active Directory-based activation clients do not activate",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/troubleshoot-adba-clients-not-activate`,
  },
  tokens: {
    title: "Rebuild the Tokens.dat file",
    url: `${learn}/troubleshoot/windows-server/licensing-and-activation/rebuild-tokens-dotdat-file`,
  },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly url: string }>>;
export type SourceName = keyof typeof SOURCES;
