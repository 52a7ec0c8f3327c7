import { labelWordsJa as L } from "../../licensing/telemetry/locales/label-words-ja.ts";
import { COUNT, PERCENT, where, word } from "./formats.ts";
import { DURATION, HOST } from "./ja-terms.ts";
import type { Words } from "./texts.ts";

const LIMIT = word("limit", L.limit);
const KIND = word("kind", L.record);
const ZONE = "ゾーン {{ $labels.zone }}";

export const pipeline: Pick<
  Words,
  | "AgentsStale"
  | "AgentSpoolBacklog"
  | "AgentEventGap"
  | "CollectorRejectingRecords"
  | "CollectorUninterpretedRecords"
  | "CollectorClockSuspect"
  | "CollectorLimitReached"
  | "CollectorDown"
  | "Watchdog"
> = {
  AgentsStale: {
    summary: where(
      "kms_host",
      `KMS ホスト ${HOST}: エージェントからの報告が ${DURATION}途絶`,
      `${ZONE}: エージェントの約 ${PERCENT} から報告が途絶`,
    ),
    description: where(
      "kms_host",
      `KMS ホスト ${HOST} のエージェントから、ログもカウントも ${DURATION}届いていません。`,
      `${ZONE} のコンピューターの約 ${PERCENT} から、数日間報告がありません。`,
    ),
    meaning: "これらのコンピューターについて表示される内容は古いものです。",
    affected: "影響はありません。これらのコンピューターの問題に気付けない状態です。",
    check:
      "`curl -s 'http://COLLECTOR:9688/api/v1/computers?zone=ZONE'` で最終確認の時刻を確認できます。いずれか 1 台では `sc query activation-monitor` を実行します。",
    action: "そのゾーンからコレクターへの接続を復旧し、エージェントのサービスを起動してください。",
  },
  AgentSpoolBacklog: {
    summary: `${ZONE}: エージェントのレコードが ${DURATION}未送信`,
    description: `${ZONE} に、${DURATION}送信できないレコードを保持しているエージェントがあります。`,
    meaning: "レコードはエージェントのディスクに残っています。スプールが一杯になるまで、失われるものはありません。",
    affected: "影響はありません。これらのコンピューターについて表示される内容は古いものです。",
    check:
      "原因はエージェントのログに記録されています。そのコンピューターから `Test-NetConnection COLLECTOR -Port 4318` を実行します。",
    action: "原因を取り除いてください: 名前解決、証明書、トークン、またはファイアウォール。",
  },
  AgentEventGap: {
    summary: where(
      "kms_host",
      `KMS ホスト ${HOST}: 読み取り前にイベントが上書き`,
      `${ZONE}: 読み取り前にイベント ログが上書きまたは消去`,
    ),
    description: where(
      "kms_host",
      `${HOST} のログは途切れなく読み取られていましたが、欠落が生じました。エージェントが読み取る前に、イベント ログが上書きまたは消去されました。`,
      `${ZONE} のエージェントが、1 時間以内にイベント ログの欠落を ${COUNT} 件検出しました。`,
    ),
    meaning: "30 日分のログが再びそろうまで、KMS ホストのカウントをログから計算できません。",
    affected: "影響はありません。そのホストのカウントに関するアラートは、ホストが報告するカウントで判定されます。",
    check:
      '`wevtutil gl "Key Management Service"` でログのサイズを確認できます。システム ログのイベント 104 に、ログを消去したユーザーが記録されています。',
    action: 'ログのサイズを大きくしてください: `wevtutil sl "Key Management Service" /ms:67108864`。',
  },
  CollectorRejectingRecords: {
    summary: where(
      "code",
      "コレクターが送信元の要求を拒否 (HTTP 状態コード {{ $labels.code }})",
      `コレクターがレコードを拒否 (${KIND})`,
    ),
    description: where(
      "code",
      'コレクターは 1 時間以内に、{{ $value | printf "%.0f" }} 件の要求を HTTP 状態コード {{ $labels.code }} で拒否しました。送信元のデータが届いていません。',
      `コレクターは 1 時間以内に、形式が正しくないか、別のコンピューターに関するレコード ${COUNT} 件 (${KIND}) を拒否しました。`,
    ),
    meaning:
      "401: トークンの誤り。403: 証明書またはトークンが別のコンピューターのもの。413: `otlp.max_body_size` を超過。415: 未対応のエンコード。レコードの拒否: 送信元が `otlp.forwarders` に登録されていないか、なりすましの可能性があります。",
    affected: "その送信元です。レコードが届いていません。",
    check: "ページ `/pipeline` とコレクターのログで、送信元と理由を確認できます。",
    action: "送信元のトークン、証明書、またはエンコードを修正するか、送信元を `otlp.forwarders` に追加してください。",
  },
  CollectorUninterpretedRecords: {
    summary: `コレクターが解釈できないレコードを受信 (${KIND})`,
    description: `1 時間以内に、コレクターが解釈できないレコード ${COUNT} 件 (${KIND}) が届きました。保存はされますが、どのメトリックにも反映されません。`,
    meaning: "想定外の内容、偽造された要求、またはこのバージョンが対応していないイベント形式です。",
    affected: "該当するイベントがある場合、KMS ホストのカウントに影響する可能性があります。",
    check: "ページ `/pipeline` で最新のレコードを確認できます。",
    action:
      "activation-monitor を更新してください。最新バージョンでも解釈できない場合は、匿名化したサンプルを添えて開発元に報告してください。",
  },
  CollectorClockSuspect: {
    summary: "コレクターの時計が正しくない可能性",
    description:
      "コレクターの時計が、データベースまたはエージェントの時刻と 1 日以上異なります。コレクターはデータの削除を停止し、エージェントの時刻と一致しない間は報告の受信を拒否します。",
    meaning: "誤った時刻で保存したデータは後から修正できないため、時計が正しくなるまで保存しません。",
    affected:
      "影響を受けるコンピューターはありません。エージェントは記録を保持し、後で送信します。画面の情報は古くなります。",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/collector` の `clock_doubt` で理由を確認できます。コレクターのコンピューターでは `date -u` と `timedatectl` で確認してください。",
    action:
      "時刻を修正し、時刻の同期を有効にしてください。時刻が一致するエージェントの次のハートビートを受信すると解消します。",
  },
  CollectorLimitReached: {
    summary: `コレクターの上限に到達: ${LIMIT}`,
    description: `コレクターが保持できる上限に達しました: ${LIMIT}。新しいコンピューターは拒否され、その他の新しい項目は詳細なしで数えられます。`,
    meaning:
      "通常の環境では上限に達しません。送信元が架空の名前を報告している、文面の変わるエラーが繰り返されている、またはコンピューターの台数が `limits.computers` を超えています。",
    affected: "新しいコンピューターが拒否されるまで、影響を受けるコンピューターはありません。",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/collector` ですべての上限を確認できます。`/api/v1/computers` で架空のコンピューターを確認してください。",
    action:
      "架空の名前を報告している送信元のトークンまたは証明書を無効にしてください。台数が多い環境では `limits.computers` を引き上げてください。",
  },
  CollectorDown: {
    summary: "activation-monitor のコレクターからメトリックを取得できない状態",
    description:
      "Prometheus がどのコレクターにも接続できないか、コレクターがメトリックを提供していません。現在、ライセンス認証は監視されていません。",
    meaning:
      "コレクターの停止、Prometheus からの接続不可、またはデータベースの停止です。その間、エージェントはレコードをディスクに保持します。",
    affected: "影響はありません。その間の問題に気付けない状態です。",
    check: "`curl -s http://COLLECTOR:9688/-/ready` を実行し、Prometheus の Status の Targets ページを確認します。",
    action: "コレクターを起動し、そのログを確認してください。Prometheus のスクレイプ設定も修正します。",
  },
  Watchdog: {
    summary: "アラート通知の動作確認",
    description:
      "このアラートは常に発生しています。届かなくなった場合は、Prometheus から担当者までの経路に障害があります。",
    meaning: "アラート通知そのもののハートビートです。",
    affected: "影響はありません。",
    check: "届かなくなったときに通知するデッド マンズ スイッチに送信します。",
    action: "届いている限り、対処は不要です。",
  },
};
