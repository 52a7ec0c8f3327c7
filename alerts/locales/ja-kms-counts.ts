import { labelWordsJa as L } from "../../licensing/telemetry/locales/label-words-ja.ts";
import { COUNT, counted, needed, silentFor, word } from "./formats.ts";
import { CLASS, DURATION, HOST } from "./ja-terms.ts";
import type { Words } from "./texts.ts";

const COUNTED = counted("不明");
const NEEDED = needed("不明");
const POOL = word("application", L.application);
const REASON = word("reason", L.reason);
const TABLE = "`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST`";

export const kmsCounts: Pick<
  Words,
  | "KmsCountBelowThreshold"
  | "KmsThresholdNotReached"
  | "KmsCountNearThreshold"
  | "KmsCountForecastBelowThreshold"
  | "KmsHostUnknown"
  | "KmsCountsDisagree"
  | "KmsTableLost"
  | "KmsUnknownProducts"
  | "KmsRequestsFailing"
  | "KmsNoRequests"
  | "KmsDuplicateMachineIds"
> = {
  KmsCountBelowThreshold: {
    summary: `KMS ホスト ${HOST}: ${CLASS} のライセンス認証が停止 (カウント ${COUNTED}、しきい値 ${NEEDED})`,
    description: `${HOST} のカウントは ${COUNTED} で、${CLASS} のしきい値 ${NEEDED} を下回っています。新しいコンピューターのライセンス認証は拒否されます。認証済みのコンピューターも、最後の更新から 180 日でライセンス認証が失効します。`,
    meaning:
      "30 日以内にこの KMS ホストへ要求を送ったコンピューターの台数が、製品クラスのしきい値 (クライアント版 Windows は 25、Windows Server と Office は 5) を下回りました。以前は、しきい値に達していました。",
    affected:
      "この製品クラスの新しいコンピューターに、すぐに影響します。猶予期間 (30 日) の後、通知が表示されます。認証済みのコンピューターは、最後の更新から 180 日間は影響を受けません。",
    check: `${TABLE} に、テーブルから外れたクライアントと、次に外れるクライアントが一覧表示されます。KMS ホストでは \`slmgr /dlv\` で現在のカウントを確認できます。クライアントでは \`slmgr /dlv\` で使用中の KMS ホストを、\`nslookup -type=srv _vlmcs._tcp\` で DNS が返すホストを確認できます。`,
    action:
      "別の KMS ホストへの移動、TCP ポート 1688 の遮断、クライアント コンピューター ID (CMID) の重複のいずれが原因かを調べてください。カウントが回復するまでは、より多くのコンピューターで `slmgr /ato` を実行するか、急ぎのコンピューターを MAK でライセンス認証します。",
    guide: "KMS ライセンス認証のしきい値",
  },
  KmsThresholdNotReached: {
    summary: `KMS ホスト ${HOST}: ${CLASS} のしきい値に未到達 (カウント ${COUNTED}、しきい値 ${NEEDED})`,
    description: `${HOST} のカウントは ${COUNTED} で、${CLASS} のしきい値 ${NEEDED} に達したことがまだありません。この製品クラスのライセンス認証は行われません。`,
    meaning: "KMS ホストが新しいか、対象のコンピューターが少なすぎます。",
    affected: "このホストを使用する、この製品クラスのすべてのコンピューターです。猶予期間 (30 日) で動作しています。",
    check: `${TABLE} に、カウント済みのクライアントと待機中のクライアントが一覧表示されます。`,
    action:
      "より多くのコンピューターで `slmgr /ato` を実行してください。今後も台数が足りない拠点では、MAK または別の KMS ホストを使用します。",
    guide: "表 1",
  },
  KmsCountNearThreshold: {
    summary: `KMS ホスト ${HOST}: ${CLASS} のカウントがしきい値に接近 (カウント ${COUNTED}、しきい値 ${NEEDED})`,
    description: `${HOST} のカウントは ${COUNTED}、${CLASS} のしきい値は ${NEEDED} です。あと数台減ると、ライセンス認証が停止します。`,
    meaning: "カウントはまだ足りていますが、余裕がほとんどありません。",
    affected: "まだ影響はありません。",
    check: `${TABLE} に、次にテーブルから外れるクライアントが一覧表示されます。`,
    action: "廃止されたコンピューターがないか、または別の KMS ホストで更新していないかを調べてください。",
    guide: "KMS ライセンス認証のしきい値",
  },
  KmsCountForecastBelowThreshold: {
    summary: `KMS ホスト ${HOST}: ${CLASS} のカウントがあと ${DURATION}でしきい値を下回る見込み`,
    description: `どのクライアントも更新しない場合、${HOST} のカウントは、あと ${DURATION}で ${CLASS} のしきい値を下回ります。正常なクライアントは 7 日ごとに更新するため、残りが 23 日を下回ることはありません。クライアントが KMS ホストに接続できていない可能性があります。`,
    meaning: "しきい値を左右するクライアントが、2 週間を超えて更新していません。",
    affected: "まだ影響はありません。しきい値を下回ると、新しいコンピューターが拒否されます。",
    check:
      "クライアントで `Test-NetConnection HOST -Port 1688` と `nslookup -type=srv _vlmcs._tcp` を実行し、アプリケーション ログにイベント 12289 を伴わないイベント 12288 がないかを確認します。",
    action:
      "ネットワーク経路、SRV レコード、または KMS サービスを復旧し、数台のクライアントで `slmgr /ato` を実行してください。",
    guide: "KMS ライセンス認証の更新",
  },
  KmsHostUnknown: {
    summary: `KMS ホスト ${HOST}: データなし`,
    description: `${HOST} のイベント ログ、カウント、クライアントのイベントを、コレクターが${silentFor("まだ一度も受信していません", ` ${DURATION}受信していません`)}。データが届くまで、カウントに関するアラートは抑制されます。`,
    meaning: "データがないことは、カウントがゼロであることを意味しません。正常かどうかが分からない状態です。",
    affected: "分かっている範囲で影響はありません。このホストの問題に気付けない状態です。",
    check:
      "KMS ホストでは、`sc query activation-monitor` とエージェントのログ、または OpenTelemetry Collector のログを確認します。コレクターでは、ページ `/pipeline` を確認します。",
    action:
      "エージェントを起動し、接続を復旧してください。廃止した KMS ホストの場合は、`kms.retired_hosts` に追加します。",
  },
  KmsCountsDisagree: {
    summary: `KMS ホスト ${HOST}: 報告されたカウントとログの差がクライアント ${COUNT} 台`,
    description: `${HOST} が報告するカウントと、そのログから計算したカウントに、クライアント ${COUNT} 台の差があります (${POOL})。`,
    meaning: "要求の一部がログにないか、検知されないうちに KMS ホストのテーブルが作り直されました。",
    affected: "影響はありません。このホストの予測の精度が下がります。",
    check: "KMS ホストでの `slmgr /dlv` の結果と、そのホストのページを比べます。",
    action:
      'ログが 30 日以内に上書きされる場合は、ログのサイズを大きくします: `wevtutil sl "Key Management Service" /ms:67108864`。',
    guide: "ライセンス認証カウント キャッシュ",
  },
  KmsTableLost: {
    summary: `KMS ホスト ${HOST}: クライアントのテーブルが消失 (${DURATION}前)`,
    description: `${HOST} が報告するカウント (${POOL}) が、${DURATION}前に、クライアントの保存期間切れでは説明できないほど減りました。カウントは最初からやり直しになります。`,
    meaning: "KMS ホストの再インストール、ライセンス ストアの再構築、または KMS キーの変更がありました。",
    affected: "十分な台数のクライアントが更新するまで、新しいコンピューターに影響します。",
    check:
      "KMS ホストで `slmgr /dlv` を実行してカウントを確認し、アプリケーション ログでイベント 1003、8198、12291 を確認します。",
    action:
      "クライアントの更新に伴い、カウントは 7 日以内に増えていきます。急ぐ場合は、十分な台数のコンピューターで `slmgr /ato` を実行してください。",
    guide: "ライセンス認証カウント キャッシュ",
  },
  KmsUnknownProducts: {
    summary: `KMS ホスト ${HOST}: カタログにない製品のクライアントが ${COUNT} 台`,
    description: `${HOST} のクライアント ${COUNT} 台が、カタログにないライセンス認証 ID で要求しました。カウントは範囲としてのみ分かります。`,
    meaning: "しきい値が 5 の製品は Windows Server か Office ですが、どちらのカウントに含めるべきかが分かりません。",
    affected: "影響はありません。このホストのカウントに関するアラートが抑制されることがあります。",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/events?event=kms_request_processed` でライセンス認証 ID を確認できます。",
    action:
      "ライセンス認証 ID を `kms.products` に登録するか、そのようなクライアントの 1 台でエージェントを実行してください。",
  },
  KmsRequestsFailing: {
    summary: `KMS ホスト ${HOST}: 要求の処理エラー (原因: ${REASON})`,
    description: `${HOST} のログの直近 1 時間で、要求 ${COUNT} 件が失敗しました (原因: ${REASON}、{{ $labels.reason }})。`,
    meaning: "クライアントからの要求は届いていますが、KMS ホストが応じられません。",
    affected:
      "拒否されたクライアントです。新しいコンピューターは猶予期間のままです。認証済みのコンピューターは期限まで動作します。",
    check: `${TABLE} に、拒否されたクライアントが一覧表示されます。イベント 12290 の結果コードの意味は、\`activation-monitor explain CODE\` で確認できます。`,
    action:
      "clock_skew: 時刻同期を修正します (`w32tm /query /status`、許容されるずれは 4 時間)。unsupported_product: より新しい KMS キーをインストールします。host_not_activated: KMS ホストをライセンス認証します (`slmgr /ato`)。",
    guide: "1 台目の KMS ホストのライセンス認証",
  },
  KmsNoRequests: {
    summary: `KMS ホスト ${HOST}: クライアントからの要求が ${DURATION}途絶`,
    description: `${HOST} への最後の要求は ${DURATION}前で、更新間隔と 1 日の合計を超えています。ログは途切れなく読み取られています。`,
    meaning: "KMS ホストは動作し、ログも読み取られていますが、クライアントからの要求がありません。",
    affected: "このホストに依存するクライアントです。ライセンス認証は、最後の更新から 180 日で失効します。",
    check: "クライアントで `nslookup -type=srv _vlmcs._tcp` と `Test-NetConnection HOST -Port 1688` を実行します。",
    action:
      "SRV レコードまたはファイアウォールの規則を復旧してください。この KMS ホストが不要な場合は、`kms.retired_hosts` に追加します。",
    guide: "KMS サービスのクライアントの探索",
  },
  KmsDuplicateMachineIds: {
    summary: `KMS ホスト ${HOST}: 重複する CMID が ${COUNT} 個`,
    description: `${HOST} では、${COUNT} 個のクライアント コンピューター ID (CMID) をそれぞれ複数のコンピューターが使用しています。これらは 1 台としてカウントされます。`,
    meaning: "一般化されていないイメージからコンピューターが複製されました。",
    affected: "KMS ホストのカウントが、コンピューターの台数より少なくなります。",
    check: `${TABLE} の \`duplicate_machine_ids\` に、該当するコンピューターが一覧表示されます。`,
    action: "該当するコンピューターで `slmgr /rearm` を、イメージに対して `sysprep /generalize` を実行してください。",
    guide: "ライセンス認証カウント キャッシュ",
  },
};
