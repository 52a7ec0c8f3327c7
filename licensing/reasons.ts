/** Why an activation failed, as a bounded word list for labels. */
export const REASONS = [
  "count_too_low",
  "host_unreachable",
  "dns",
  "clock_skew",
  "unsupported_product",
  "bios_marker_missing",
  "not_genuine",
  "key_blocked",
  "host_not_activated",
  "limit_exceeded",
  "hardware_changed",
  "grace_expired",
  "adba",
  "token",
  "avma",
  "access_denied",
  "other",
] as const;
export type Reason = (typeof REASONS)[number];

/** Codes by cause: slerror.h, "Troubleshoot Windows activation error codes", KB 974998. */
const CODES: Readonly<Record<Exclude<Reason, "other">, string>> = {
  count_too_low: "C004F038",
  host_unreachable: "C004F039 C004F074 C0020017 8007139F 800706BA",
  dns: "8007007B 8007232B 8007251D 80092328 8007232A 8007267C 80072338 80072EE7",
  clock_skew: "C004F06C",
  unsupported_product: "C004F042 C004F015 C004F069 C004F06B C004F210 C004F212",
  bios_marker_missing: "C004F035 C004F057 C004F058 C004F059",
  not_genuine: "C004F200 C004F064 C004F067 C004F065 8004FE21 C004FE00",
  key_blocked: "C004F050 C004F051 C004C001 C004C003",
  host_not_activated: "C004F041",
  limit_exceeded: "C004C008 C004C020 C004C021",
  hardware_changed: "C004F00F C004F211",
  grace_expired: "C004F009 C004FC07",
  adba: "C004F081 C004F082 C004F083",
  token: "C004F011",
  avma: "C004FD00 C004FD01 C004FD02 C004FD03 C004FD04",
  access_denied: "80070005",
};

const BY_CODE = new Map(
  Object.entries(CODES).flatMap(([reason, codes]) => codes.split(" ").map((it) => [it, reason as Reason] as const)),
);

/** @param hresult `0x` and eight upper-case digits, as events give it. */
export const reasonOf = (hresult: string): Reason => {
  const code = hresult.slice(2).toUpperCase();
  return BY_CODE.get(code) ?? (/^C004F3(0[1-9A-F]|1[0-3])$/.test(code) ? "token" : "other");
};

/** The request never got an answer, so it says nothing about the license: no KMS host found, or none that listens. */
export const isUnreachable = (reason: Reason): boolean => reason === "host_unreachable" || reason === "dns";
