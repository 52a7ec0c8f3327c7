import type { Fault } from "../codes/code-row.ts";
import { FAULTS, type Language } from "../codes/explain.ts";
import type { HealthState } from "../kms/health.ts";
import { type Instant, utcMinute } from "../time.ts";
import type { TimelineEntry } from "./timeline-entry.ts";

/** What is known of a KMS host when its state is explained: its health, with reasons in the reader's language. */
export interface KmsHostFacts {
  readonly health: HealthState;
  /** Sentences that say what is wrong and what to do, worst first. */
  readonly reasons: readonly string[];
  readonly entries: readonly TimelineEntry[];
  /** When the count fell below a threshold, where it did. */
  readonly belowSince?: Instant | undefined;
  readonly knownUntil?: Instant | undefined;
}

export interface HostDiagnosis {
  readonly state: "ok" | "attention" | "problem" | "unknown";
  readonly fault: Fault;
  readonly since?: Instant | undefined;
}

/** Planning guide, 「KMS ライセンス認証のしきい値」 and 「通知」: each state of health, and who can repair it. */
const BY_HEALTH: Readonly<Record<HealthState, Pick<HostDiagnosis, "state" | "fault">>> = {
  refusing: { state: "problem", fault: "key" },
  down: { state: "problem", fault: "host" },
  below: { state: "problem", fault: "client" },
  near: { state: "attention", fault: "client" },
  falling: { state: "attention", fault: "client" },
  not_reached: { state: "attention", fault: "client" },
  unknown: { state: "unknown", fault: "host" },
  maintenance: { state: "attention", fault: "none" },
  safe: { state: "ok", fault: "none" },
};

/** Reads a KMS host's line of time: since when its worst reason holds, and whose fault it is. */
export const diagnoseKmsHost = ({ health, entries, belowSince, knownUntil }: KmsHostFacts): HostDiagnosis => {
  const dns = failingSince(entries, [12293], [12294]);
  const base = BY_HEALTH[health];
  if (health === "safe" && dns !== undefined) return { state: "attention", fault: "dns", since: dns };
  const since = {
    refusing: failingSince(entries, [12290], [12290]) ?? entries.findLast((it) => isStatus(it))?.at,
    down: failingSince(entries, [12291], [12294]) ?? entries.findLast((it) => isProbe(it))?.at,
    below: belowSince,
    unknown: knownUntil,
    near: undefined,
    falling: undefined,
    not_reached: undefined,
    maintenance: undefined,
    safe: undefined,
  }[health];
  return { ...base, ...(since !== undefined && { since }) };
};

const isStatus = ({ what, outcome }: TimelineEntry): boolean =>
  "change" in what && what.change === "status" && outcome === "failure";
const isProbe = ({ what, outcome }: TimelineEntry): boolean =>
  "change" in what && what.change === "probe" && outcome === "failure";

/** The first failure by these events that no success has followed. */
const failingSince = (
  entries: readonly TimelineEntry[],
  failing: readonly number[],
  ending: readonly number[],
): Instant | undefined => {
  let since: Instant | undefined;
  for (const { what, outcome, at } of entries) {
    if (!("eventId" in what)) continue;
    if (ending.includes(what.eventId) && outcome === "success") since = undefined;
    else if (failing.includes(what.eventId) && outcome === "failure") since ??= at;
  }
  return since;
};

/** One paragraph: what is wrong, since when, whose fault it is; what to do is part of each reason. */
export const hostDiagnosisText = (
  { fault, since, state }: HostDiagnosis,
  { reasons }: Pick<KmsHostFacts, "reasons">,
  language: Language,
): string => {
  const words = FAULT_OF_HOST[fault]?.[language] ?? FAULTS[fault][language];
  const sentences =
    language === "en"
      ? [
          ...(reasons.length > 0 ? reasons : [state === "ok" ? SAFE.en : DNS.en]),
          ...(since === undefined ? [] : [`Since ${utcMinute(since)}.`]),
          ...(fault === "none" ? [] : [`Who has to act: ${words}.`]),
        ]
      : [
          ...(reasons.length > 0 ? reasons : [state === "ok" ? SAFE.ja : DNS.ja]),
          ...(since === undefined ? [] : [`${utcMinute(since)} 以降です。`]),
          ...(fault === "none" ? [] : [`対応が必要なのは${words}です。`]),
        ];
  return sentences.join(language === "en" ? " " : "");
};

const SAFE = {
  en: "This KMS host serves its clients: every product class in use is above its threshold. There is nothing to do.",
  ja: "この KMS ホストはクライアントにサービスを提供しています。使用中のすべての製品クラスがしきい値を上回っています。対処は不要です。",
};
const DNS = {
  en: "This KMS host serves its clients, but it could not publish its SRV record in DNS: clients that look for it do not find it. Allow its computer account to update the record, or create it by hand.",
  ja: "この KMS ホストはサービスを提供していますが、DNS に SRV レコードを公開できませんでした。検索するクライアントはホストを見つけられません。コンピューター アカウントにレコードの更新を許可するか、手動で作成してください。",
};
/** Here `client` means the computers that should ask, `host` the host itself. */
const FAULT_OF_HOST: Readonly<Partial<Record<Fault, Readonly<Record<Language, string>>>>> = {
  client: { en: "the computers that should contact this host", ja: "このホストに接続するはずのコンピューター" },
  host: { en: "the KMS host itself", ja: "KMS ホスト自体" },
  key: { en: "the KMS host key", ja: "KMS ホスト キー" },
};
