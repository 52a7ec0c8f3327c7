import type { Channel, Status } from "../license.ts";
import { type Application, applicationOfId } from "../products.ts";
import type { Instant } from "../time.ts";
import { code32, guid } from "./fields.ts";
import type { NormalisedEvent } from "./names.ts";

/**
 * What an event that is no KMS exchange changes. Its data is the insertion strings of the provider's message tables
 * (libyal/winevt-kb, sppsvc.exe) and, for 8230, the sample at detection-wiki, microsoft-windows-security-spp/8230.
 */
export type EventEffect =
  /** 8230: the state of one license and when it ends. */
  | {
      readonly kind: "state";
      readonly activationId: string;
      readonly status: Status;
      readonly deadline?: Instant;
      readonly channel: Channel | undefined;
    }
  /** An attempt at activation that no KMS exchange tells of; of one that failed the code, where it says one. */
  | {
      readonly kind: "attempt";
      readonly by: "rules" | "adba" | "avma" | "token";
      readonly activated: boolean;
      readonly hresult: string | undefined;
    }
  | {
      readonly kind: "rearm";
      readonly succeeded: boolean;
      readonly application: Application;
      readonly remaining: number | undefined;
    }
  /** 12291: the KMS host's service did not start. */
  | { readonly kind: "kms_start_failed"; readonly hresult: string | undefined };

/** The effect of an event; undefined for one that has none, or whose data does not say it. */
export const effectOf = (event: NormalisedEvent): EventEffect | undefined => EFFECTS[event.event_id]?.(event);

const EFFECTS: Readonly<Record<number, (event: NormalisedEvent) => EventEffect | undefined>> = {
  8212: ({ data }) => rearm(data, false),
  8215: ({ data }) => failed("adba", codeIn(data)),
  8230: ({ data }) => scheduled(data),
  8233: ({ data }) => failed("rules", codeIn(data)),
  12291: ({ hresult }) => ({ kind: "kms_start_failed", hresult }),
  12306: ({ data }) => rearm(data, true),
  12308: ({ data }) => succeeded("adba", data),
  12309: ({ data }) => {
    const hresult = codeIn(data);
    if (hresult === undefined) return undefined;
    return { kind: "attempt", by: "avma", activated: hresult === SUCCESS, hresult };
  },
  12320: ({ data }) => succeeded("token", data),
  // Windows looks for a token at each attempt; no license for one is installed where none are used.
  12321: ({ data }) => (codeIn(data) === NO_TOKEN_LICENSE ? undefined : failed("token", codeIn(data))),
  12322: ({ data }) => failed("token", codeIn(data)),
};

const SUCCESS = "0x00000000";
const NO_TOKEN_LICENSE = "0xC004F011";

/** Both name the product first; without it the event is not Windows' own. */
const succeeded = (by: "adba" | "token", data: readonly string[] = []): EventEffect | undefined =>
  guid(afterName(data[0] ?? "")) === undefined
    ? undefined
    : { kind: "attempt", by, activated: true, hresult: undefined };

const failed = (by: "rules" | "adba" | "token", hresult: string | undefined): EventEffect => ({
  kind: "attempt",
  by,
  activated: false,
  hresult,
});

/** `hr=0xC004F074`, `0xC004F074`: the first code that the data says. */
export const codeIn = (data: readonly string[] = []): string | undefined => {
  for (const it of data) {
    const found = /(?:^|[\s=;,])(0x[0-9a-f]{1,8})(?![0-9a-f])/i.exec(it)?.[1];
    if (found !== undefined) return code32(found);
  }
  return undefined;
};

/** 12306: AppId, SkuId, rearms left; 8212 has the code before them. Some shippers write names before the values. */
const rearm = (data: readonly string[] = [], succeeded: boolean): EventEffect | undefined => {
  const ids = data.flatMap((it) => guid(afterName(it)) ?? []);
  if (ids.length === 0) return undefined;
  const last = /^\d{1,5}$/.exec(afterName(data.at(-1) ?? ""))?.[0];
  const application = applicationOfId(ids[0]!);
  return { kind: "rearm", succeeded, application, remaining: last === undefined ? undefined : Number(last) };
};

const afterName = (text: string): string => text.slice(text.lastIndexOf("=") + 1).trim();

/** SLLICENSINGSTATUS (slpublic.h). Of a grace period the reason tells which. */
const STATES: ReadonlyMap<string, Status | "grace"> = new Map([
  ["SL_LICENSING_STATUS_UNLICENSED", "unlicensed"],
  ["SL_LICENSING_STATUS_LICENSED", "licensed"],
  ["SL_LICENSING_STATUS_IN_GRACE_PERIOD", "grace"],
  ["SL_LICENSING_STATUS_NOTIFICATION", "notification"],
]);
const GRACES: Readonly<Record<string, Status>> = {
  "0x4004F00D": "oot_grace",
  "0x4004F065": "non_genuine_grace",
  "0x4004F068": "non_genuine_grace",
  "0x4004FC06": "extended_grace",
};
const CHANNELS: readonly (readonly [RegExp, Channel])[] = [
  [/^Volume:GVLK/i, "kms_client"],
  [/^Volume:CSVLK/i, "kms_host"],
  [/^Volume:MAK/i, "mak"],
  [/:Sub\b/i, "subscription"],
  [/^Retail/i, "retail"],
  [/^OEM/i, "oem"],
  [/^VT:IA/i, "avma"],
];
const END = /^(\d{4})\/(\d\d)\/(\d\d):(\d\d):(\d\d):(\d\d)$/;

/** `…AppId=…;GraceEndDate=2024/02/03:22:33:07;LicenseState=…;SkuId=…`, in UTC; the end of validity of what is licensed. */
const scheduled = (data: readonly string[] = []): EventEffect | undefined => {
  const values = new Map<string, string>();
  for (const it of data.join(";").split(/[;\r\n]/)) {
    const [, key, value] = /(\w+)\s*=\s*([^=]*?)\s*$/.exec(it) ?? [];
    if (key && value !== undefined) values.set(key.toLowerCase(), value);
  }
  const activationId = guid(values.get("skuid") ?? "");
  const state = STATES.get(values.get("licensestate") ?? "");
  if (!activationId || !state) return undefined;
  const reason = code32(values.get("lastconsumptionreason") ?? "") ?? "";
  const status = state === "grace" ? (GRACES[reason] ?? "oob_grace") : state;
  const [, year, month, day, hour, minute, second] = END.exec(values.get("graceenddate") ?? "") ?? [];
  const ends = year === undefined ? Number.NaN : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const runs = status !== "unlicensed" && status !== "notification" && !Number.isNaN(ends);
  const type = values.get("productkeytype") ?? "";
  const channel = CHANNELS.find(([it]) => it.test(type))?.[1];
  return { kind: "state", activationId, status, ...(runs && { deadline: ends }), channel };
};
