import { labelWordsJa as L } from "../../licensing/telemetry/locales/label-words-ja.ts";
import { WITHIN_DAYS } from "../../licensing/telemetry/metrics.ts";
import { COUNT, PERCENT, word } from "./formats.ts";
import type { Words } from "./texts.ts";

const ZONE = "ゾーン {{ $labels.zone }}";
const STATUS = word("status", L.status);
const WITHIN = word("within", Object.fromEntries(WITHIN_DAYS.map((it) => [`${it}d`, `${it} 日`])));
const MAK = "MAK …-{{ $labels.partial_product_key }}";
const LIST = (query: string) =>
  `\`curl -s 'http://COLLECTOR:9688/api/v1/computers?zone=ZONE&${query}'\` で一覧を確認できます。`;

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
    summary: `${ZONE}: ${WITHIN}以内に期限を迎えるライセンス ${COUNT} 件`,
    description: `${ZONE} のコンピューター ${COUNT} 台 (現在の状態: ${STATUS}) で、有効期間または猶予期間が ${WITHIN}以内に終了します。`,
    meaning:
      "毎週更新しているクライアントには、少なくとも 173 日が残っています。これらのコンピューターは、何か月も更新していないか、一度もライセンス認証されていません。Windows 自身の通知は、期限の 30 日前に表示されます。",
    affected: "これらのコンピューターのユーザーです。猶予期間が終わると、通知が表示されます。",
    check: LIST("deadline_before=2030-01-31T00:00:00Z"),
    action: "社内ネットワークまたは VPN に接続して `slmgr /ato` を実行するか、MAK でライセンス認証してください。",
    guide: "KMS ライセンス認証の更新",
  },
  LicenseDeadlinePassed: {
    summary: `${ZONE}: 最後に判明した期限を過ぎたコンピューター ${COUNT} 台`,
    description: `${ZONE} のコンピューター ${COUNT} 台 (最後の状態: ${STATUS}) から、ライセンスの期限が過ぎた後の報告がありません。`,
    meaning: "報告がない間も、期限までの時間は経過します。",
    affected: "使用中であれば、これらのコンピューターのユーザーです。",
    check: LIST("deadline_before=2030-01-31T00:00:00Z"),
    action:
      "使用中のコンピューターかどうかを調べてください。報告のないコンピューターは、90 日後に廃止として扱われます (`retire.after`)。",
  },
  LicenseNotification: {
    summary: `${ZONE}: 通知状態のライセンス ${COUNT} 件`,
    description: `${ZONE} のライセンス ${COUNT} 件の期限が切れ、ユーザーに通知が表示されています。`,
    meaning: "有効期間も猶予期間も終了しています。",
    affected:
      "これらのコンピューターのユーザーです。通知が表示され、古いバージョンではデスクトップの背景が黒くなります。",
    check: LIST("status=notification"),
    action:
      "`slmgr /ato` を実行してください。いずれか 1 台のイベント 8198 または 12288 に、エラー コードが記録されています。意味は `activation-monitor explain CODE` で確認できます。",
    guide: "付録 B",
  },
  LicenseNonGenuine: {
    summary: `${ZONE}: 非正規と判断されたコンピューター ${COUNT} 台`,
    description: `${ZONE} のコンピューター ${COUNT} 台が、Windows に非正規と判断されています。`,
    meaning: "プロダクト キーがブロックされたか、ライセンス関連のファイルが変更されました。",
    affected: "これらのコンピューターのユーザーです。",
    check: "いずれか 1 台で `slmgr /dlv` を実行します。",
    action:
      "そのエディションの KMS クライアント セットアップ キーを再度インストールし (`slmgr /ipk KEY`)、`slmgr /ato` を実行してください。",
    guide: "付録 B",
  },
  LicenseRenewalsOverdue: {
    summary: `${ZONE}: コンピューターの約 ${PERCENT} で更新が遅延`,
    description: `${ZONE} のコンピューターの約 ${PERCENT} が、更新間隔の 2 倍と 1 日を超えて更新していません。`,
    meaning: "これだけの台数がすべて持ち出し中とは考えられません。KMS ホストに接続できていません。",
    affected: "まだ影響はありません。ライセンス認証は、最後の更新から 180 日で失効します。",
    check: "そのゾーンから `nslookup -type=srv _vlmcs._tcp` と `Test-NetConnection HOST -Port 1688` を実行します。",
    action: "そのゾーンから KMS ホストへの DNS と TCP ポート 1688 を復旧してください。",
    guide: "KMS ライセンス認証の更新",
  },
  LicenseFleetAnomaly: {
    summary: `${ZONE}: コンピューターの約 ${PERCENT} で 1 時間以内にライセンス状態が悪化`,
    description: `${ZONE} のコンピューターの約 ${PERCENT} で、1 時間以内に、ライセンス認証の失効、ライセンス認証方法の変更、または猶予期間のリセット (rearm) がありました。ゾーン全体に影響する変更が行われた可能性があります。`,
    meaning:
      "個々のコンピューターの変化は時々ありますが、これだけ同時に起きる原因は、更新プログラム、ポリシー、イメージ、または攻撃です。",
    affected: "変化したコンピューターです。今後さらに増える可能性があります。",
    check: LIST("status=notification"),
    action: "直近の数時間に何が展開されたかを確認し、数台のコンピューターのイベントを調べ、その展開を止めてください。",
  },
  LicenseChannelDrift: {
    summary: `${ZONE}: ライセンス認証方法が変わったコンピューター ${COUNT} 台`,
    description: `${ZONE} のコンピューター ${COUNT} 台で、1 時間以内に、KMS から MAK や製品版へなど、ライセンス認証方法が変わりました。`,
    meaning:
      "別のプロダクト キーがインストールされました。KMS を離れたコンピューターは、KMS ホストのカウントに含まれなくなります。",
    affected: "すぐに影響はありません。KMS ホストのカウントは、30 日以内に減ります。",
    check: LIST("channel=retail"),
    action:
      "意図しない変更であれば、KMS クライアント セットアップ キーを再度インストールしてください: `slmgr /ipk KEY`、`slmgr /ato`。",
    guide: "表 2",
  },
  ClientClockSkew: {
    summary: `${ZONE}: 時刻がずれているコンピューター ${COUNT} 台`,
    description: `${ZONE} のコンピューター ${COUNT} 台の時刻が 1 時間を超えてずれています。ずれが 4 時間に達すると、ライセンス認証が失敗します。`,
    meaning:
      "KMS は UTC で時刻を比較します。エージェントの時刻はコレクターの時刻と、クライアントの時刻は KMS ホストの時刻と比較されます。あるホストのすべてのクライアントが同じだけずれている場合は、ホストの時刻のずれであり、クライアントは件数に含めません。",
    affected: "これらのコンピューターです。ずれが 4 時間に達すると、ライセンス認証と更新が失敗します。",
    check:
      "いずれか 1 台で `w32tm /query /status` を実行します。`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST` の `clock_skewed` に、クライアントとずれの大きさが一覧表示されます。",
    action: "そのゾーンの時刻同期を修正してください: `w32tm /resync`。",
  },
  MakAllowanceLow: {
    summary: `${MAK}: ライセンス認証の残りが ${PERCENT}`,
    description: `${MAK} の許容ライセンス認証数の残りは ${PERCENT} です。使い切ると、このキーによる新しいコンピューターのライセンス認証は拒否されます (0xC004C020)。`,
    meaning:
      "残りは、ライセンス ポータルの値がある場合はその値、ない場合は許容ライセンス認証数からこのキーを持つコンピューターの台数を引いた値です。",
    affected: "まだ影響はありません。使い切った後にインストールされるコンピューターに影響します。",
    check:
      "正確な数は、ライセンス ポータル (VLSC、Microsoft 365 管理センター) で確認できます。ここでの値は `curl -s http://COLLECTOR:9688/metrics | findstr activation_mak_` で確認できます。",
    action:
      "許容ライセンス認証数の追加をマイクロソフトのライセンス認証コール センターに依頼するか、KMS ホストに接続できるコンピューターを KMS に切り替えてください。ポータルの値は `mak[].remaining` に転記します。イメージの再展開で消費されたライセンス認証は、どの台帳にも現れません。",
    guide: "マルチ ライセンス認証キー",
  },
  MakExhaustionForecast: {
    summary: `${MAK}: 30 日以内に使い切る見込み`,
    description: `この 1 週間のペースでは、30 日以内にさらに ${COUNT} 台のコンピューターが ${MAK} を使用します。残りのライセンス認証数では足りません。`,
    meaning: "このキーを使用するコンピューターが、許容ライセンス認証数を超えるペースで増えています。",
    affected: "まだ影響はありません。使い切った後にインストールされるコンピューターに影響します。",
    check: "正確な数は、ライセンス ポータル (VLSC、Microsoft 365 管理センター) で確認できます。",
    action:
      "許容ライセンス認証数の追加を早めにマイクロソフトのライセンス認証コール センターに依頼するか、このキーを使用する展開を止めてください。",
    guide: "マルチ ライセンス認証キー",
  },
};
