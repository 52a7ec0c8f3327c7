import type { Words } from "./texts.ts";

/** Panels of the dashboards Deadlines, Failures, Planning, and MAK and keys. */
export const boardPanels = {
  withinWeek: {
    title: "7 日以内",
    description:
      "7 日以内に有効期間または猶予期間が終わるコンピューターの台数です。毎週更新しているクライアントは、173 日を下回りません。",
    none: "コンピューターの報告はまだありません",
  },
  withinMonth: {
    title: "30 日以内",
    description:
      "30 日以内に有効期間または猶予期間が終わるコンピューターの台数です。ネットワークまたは VPN に接続するか、MAK を使用してください。",
    none: "コンピューターの報告はまだありません",
  },
  overdueNow: {
    title: "更新の遅延",
    description: "更新間隔の 2 倍と 1 日を過ぎても更新していないコンピューターの台数です。",
    none: "コンピューターの報告はまだありません",
  },
  inNotification: {
    title: "通知状態",
    description: "通知状態のライセンスの数です。ライセンス認証を行うまで、ユーザーに通知が表示されます。",
    none: "ライセンスの報告はまだありません",
  },
  soonestDeadlines: {
    title: "最も早く期限を迎えるコンピューター",
    description: "30 日以内に最も早くライセンスの期限を迎える 50 台です。報告のないコンピューターの期限も進みます。",
    none: "30 日以内に期限はありません",
  },
  deadlinesByStatus: {
    title: "状態別の期限",
    description:
      "期間内に期限を迎えるコンピューターの台数を、現在の状態別に示します。有効期間の後は猶予期間、その後は通知状態になります。",
    none: "コンピューターの報告はまだありません",
  },
  deadlineTrend: {
    title: "30 日以内の期限の推移 (ゾーン別)",
    description:
      "30 日以内に期限を迎えるコンピューターの台数です。増え続ける場合、そのゾーンは KMS ホストに接続できていません。",
    none: "コンピューターの報告はまだありません",
  },
  passed: {
    title: "期限を過ぎた台数 (状態別)",
    description:
      "最後に確認した期限を過ぎたコンピューターの台数です。使用中かどうかを確認し、不要なものは廃止してください。",
    none: "期限を過ぎたコンピューターはありません",
  },
  notified: {
    title: "通知が表示される台数",
    description: "ライセンス認証の通知がユーザーに表示されるコンピューターの台数を、頻度別に示します。",
    none: "通知が表示されるコンピューターはありません",
  },
  genuine: {
    title: "正規の検証",
    description: "正規の検証の結果別の台数です。結果を読み取ったコンピューターのみを数えます。",
    none: "検証結果の報告はまだありません",
  },
  overdueByZone: {
    title: "更新が遅れている台数 (ゾーン別)",
    description:
      "更新間隔の 2 倍と 1 日を過ぎても更新していない KMS クライアントの台数です。1 つのゾーンに集中している場合、そのゾーンは KMS ホストに接続できていません。",
    none: "コンピューターの報告はまだありません",
  },
  activatedShare: {
    title: "成功率 (過去 1 時間)",
    description: "過去 1 時間のライセンス認証の試行のうち、成功した割合です。",
    none: "過去 1 時間に試行はありません",
  },
  failedLastHour: {
    title: "失敗 (過去 1 時間)",
    description: "過去 1 時間に失敗したライセンス認証の試行の回数です。すべての原因を含みます。",
    none: "コンピューターの報告はまだありません",
  },
  skewedNow: {
    title: "時刻のずれ",
    description:
      "時刻が 1 時間を超えてずれているコンピューターの台数です。4 時間を超えると、ライセンス認証に失敗します。",
    none: "コンピューターの報告はまだありません",
  },
  uncoveredNow: {
    title: "KMS キーなし",
    description: "どの KMS キーも対応していない製品を 30 日以内に要求したクライアントの台数です。",
    none: "KMS キーとクライアントの報告はまだありません",
  },
  causesByZone: {
    title: "ゾーン別の失敗の原因 (表示期間)",
    description: "表示期間に失敗したクライアントの試行の回数を、多い順に示します。",
    none: "この期間に失敗した試行はありません",
  },
  causesByHost: {
    title: "ホスト別の失敗の原因 (表示期間)",
    description: "表示期間に KMS ホストがエラーを返した要求の回数を、多い順に示します。",
    none: "この期間に失敗した要求はありません",
  },
  skewedByZone: {
    title: "時刻がずれている台数 (ゾーン別)",
    description: "ゾーン全体で同時に増えた場合は、そのゾーンの時刻の同期元に問題があります。",
    none: "コンピューターの報告はまだありません",
  },
  unexpectedHosts: {
    title: "想定外の KMS ホスト",
    description: "クライアントが使用した、kms.expected_hosts に登録されていないホストと、そのクライアントの台数です。",
    none: "想定外の KMS ホストはありません",
  },
  toActivate: {
    title: "認証する台数",
    description: "表 2 の行 1 です。エージェントが読み取った、ボリューム ライセンスのコンピューターの台数です。",
    none: "分類したコンピューターはまだありません",
  },
  byKms: {
    title: "KMS で認証",
    description: "表 2 のうち、KMS でライセンス認証するコンピューターの台数です。",
    none: "分類したコンピューターはまだありません",
  },
  byMak: {
    title: "MAK で認証",
    description: "表 2 のうち、MAK が必要なコンピューターの台数です。",
    none: "分類したコンピューターはまだありません",
  },
  unplanned: {
    title: "行 7 (残り)",
    description:
      "表 2 の行 7 です。0 になる必要があります。0 でない場合は、ゾーンの種別が未設定であるか、報告のないコンピューターがインベントリにあります。",
    none: "分類したコンピューターはまだありません",
  },
  missingHosts: {
    title: "不足ホスト",
    description: "表 1 で推奨される KMS ホストのうち、構成済みのゾーンに不足している台数です。",
    none: "ゾーンが構成されていません",
  },
  tableOne: {
    title: "表 1: ゾーン別の KMS ホスト",
    description: "構成済みの各ゾーンのコンピューターと、計画ガイドが推奨する KMS ホストの台数です。",
    none: "ゾーンが構成されていません",
  },
  hostCounts: {
    title: "KMS ホスト別の台数とカウント",
    description:
      "30 日間の一意のクライアント、ホストが使用するカウント、テーブルの上限です。クライアントが上限より多いのは正常です。",
    none: "KMS ホストからの報告はまだありません",
  },
  tableTwo: {
    title: "表 2: ゾーン別のライセンス認証方法",
    description: "計画ガイドのワークシートを現在のデータで埋めたものです。行 7 (残り) は 0 になる必要があります。",
    none: "分類したコンピューターはまだありません",
  },
  distinctByHost: {
    title: "KMS ホスト別のクライアント (30 日)",
    description:
      "クライアントが KMS ホストにどう分散しているかを示します。1 台に集中している場合、予備のホストが機能していません。",
    none: "KMS ホストからの報告はまだありません",
  },
  makBudgets: {
    title: "MAK の残り",
    description:
      "MAK ごとのコンピューター、許容数、残り、過去 1 週間のペースで使い切る時期、ライセンス ポータルの確認日です。イメージの再作成で使用された分は、インベントリに現れません。",
    none: "使用中の MAK はありません",
  },
  makTrend: {
    title: "MAK 別の台数の推移",
    description: "展開中は徐々に増えます。急に増えた場合は、イメージにキーが含まれています。",
    none: "使用中の MAK はありません",
  },
  makProducts: {
    title: "MAK でライセンス認証する製品",
    description: "MAK によるライセンスの数を、製品と状態別に示します。",
    none: "使用中の MAK はありません",
  },
  keyHosts: {
    title: "KMS キー別の KMS ホスト",
    description: "各 KMS キーを使用している KMS ホストの台数と許容数です (マイクロソフトが追加を認めない限り 6)。",
    none: "KMS キーの報告はまだありません",
  },
  reactivations: {
    title: "KMS キー別の再ライセンス認証",
    description:
      "各ホストがキーで再びライセンス認証された、確認済みの回数と許容数です (マイクロソフトが追加を認めない限り 9)。",
    none: "KMS キーの報告はまだありません",
  },
  channels: {
    title: "チャネル別のライセンス",
    description:
      "インストールされているライセンスの認証方法です。一斉に変化した場合は、イメージまたはキーが変更されています。",
    none: "ライセンスの報告はまだありません",
  },
} satisfies Partial<Words["panels"]>;
