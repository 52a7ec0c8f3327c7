import { healthSentencesJa as health } from "../../../licensing/kms/health-sentences-ja.ts";
import { planningJa } from "../../../licensing/planning-sentences-ja.ts";
import { labelWordsJa } from "../../../licensing/telemetry/locales/label-words-ja.ts";
import { utcMinute } from "../../../licensing/time.ts";
import type { ClockDoubt } from "../clock-doubt.ts";
import type { Sentences } from "./sentences.ts";

const REMEDY: Readonly<Record<string, string>> = {
  unresolved: "DNS で名前を解決できません。",
  refused:
    "接続先のポートで待ち受けているサービスがありません。Software Protection サービス (sppsvc) が稼働していること、ポートが正しいことを確認してください。",
  timeout: "ファイアウォールが TCP ポート 1688 を遮断しているか、ホストが停止または応答していない可能性があります。",
  rejected: "このポートでは別の RPC サービスが待ち受けています。",
  malformed: "このポートでは RPC 以外のサービスが待ち受けています。",
};

const clockDoubt = (doubt: ClockDoubt): string => {
  switch (doubt.kind) {
    case "start":
      return `現在は ${utcMinute(doubt.now)} ですが、データベースの最終更新は ${utcMinute(doubt.written)} です`;
    case "jump":
      return `${utcMinute(doubt.from)} から ${utcMinute(doubt.to)} に一度に変わりました`;
    case "agents":
      return `エージェント ${doubt.all} 台中 ${doubt.contradicting} 台の時刻と 1 日以上異なります`;
  }
};

export const ja: Sentences = {
  health,
  planning: planningJa,
  unexpected:
    "この KMS ホストは kms.expected_hosts に登録されていません。登録するか、KMS ホスト キーを削除してクライアント キーをインストールしてください。このようなコンピューターは、ホスト キーの認証回数を消費します。",
  countsDiffer: (reported, fromLog, lost) =>
    `KMS ホストが報告するクライアント数は ${reported} 台、ログから求めた数は ${fromLog} 台です。${lost === "requests" ? "ログから要求が失われた可能性があります。" : "ホストのクライアント テーブルが失われた可能性があります。"}`,
  tableLost: (at) =>
    `${utcMinute(at)} 頃に、KMS ホストのクライアント テーブルが失われました。クライアントが更新すると、再び登録されます。`,
  siteTooSmall: (required) => `コンピューターが ${required} 台未満のサイトでは、代わりに MAK を使用してください。`,
  waiting: (clients, productClass) =>
    `カウント不足のため、まだライセンス認証されていません: ${health.className(productClass, clients)} ${clients} 台。`,
  duplicates: (ids) =>
    `複数のコンピューターが、同じクライアント コンピューター ID (${ids} 件) を使用しています。sysprep /generalize を実行せずに複製したイメージは、1 台のクライアントとして数えられます。`,
  split: (hosts, some) =>
    `クライアントが ${hosts} 台の KMS ホストに分散しており、ホストごとに数えられています: ${some}。これらのクライアントを 1 台の KMS ホストに集約してください。`,
  unknownProducts: (ids) =>
    `次のアクティブ化 ID の製品は登録されていません: ${ids}。Windows Server または Office の可能性があるため、これらのクライアントを含まないカウントと含むカウントを示します。kms.products に追加してください。`,
  uncovered: (computers, product, groups) =>
    `30 日以内に要求した ${product} のコンピューター ${computers} 台は、このホストではライセンス認証できません。${groups ? `インストールされているキーの対象は ${groups} です。` : "この製品ファミリのキーはインストールされていません。"}`,
  reactivated: (key, times, allowed) =>
    `キー ${key} はこのホストで ${times} 回再認証されました。Microsoft が許可する回数は ${allowed} 回です。ハードウェアを再度変更する前に、上限の引き上げを Microsoft に依頼してください。`,
  clockDoubted: (doubt) =>
    `このコレクターの時計は正しくない可能性があります: ${clockDoubt(doubt)}。データの削除を停止し、エージェントの時刻と一致しない間は報告の受信を拒否します。このコンピューターの時刻を修正してください。`,
  limitReached: ({ limit, used, allowed }) =>
    `このコレクターの上限に達しました: ${labelWordsJa.limit[limit]} (${allowed} 件中 ${used} 件)。${
      limit === "computers"
        ? "新しいコンピューターの報告は拒否されます。limits.computers を引き上げるか、大量に報告している送信元を調べてください。"
        : "新しい項目は詳細なしで数えられます。通常の環境では上限に達しません。大量に報告している送信元を調べてください。"
    }`,
  probe: ({ prober, zone, since, target, outcome, isTcp }) => {
    const what = isTcp
      ? `${target} に TCP 接続できません (${outcome})`
      : `${target} は TCP 接続を受け付けますが、KMS サービスが応答しません (${outcome})`;
    const remedy = REMEDY[outcome] ?? "ホストが稼働していること、TCP ポート 1688 が開いていることを確認してください。";
    return `${prober} (ゾーン ${zone}) は ${utcMinute(since)} 以降、この KMS ホストに接続できていません。${what}。このゾーンのクライアントは、このホストでライセンス認証できません。${remedy}`;
  },
};
