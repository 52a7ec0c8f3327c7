import { kmsMetrics } from "../../licensing/telemetry/metrics.ts";
import { allowed, COUNT, counted, needed, silentFor } from "./formats.ts";
import type { Words } from "./texts.ts";

// Terms are those of Microsoft's planning guide in Japanese: ライセンス認証, しきい値, カウント, 猶予期間, 通知, 発行, KMS キー.
const HOST = "{{ $labels.kms_host }} (ゾーン {{ $labels.zone }})";
const COUNTED = counted("不明");
const NEEDED = needed("不明");
const SILENT_FOR = silentFor("これまで一度も", (duration) => `${duration} の間`);

export const ja: Words = {
  runbook: {
    title: "手順書",
    origin: "`activation-monitor alerts build --lang ja` で生成されています。",
    action: "対処:",
  },
  KmsCountBelowThreshold: {
    summary: `KMS ホスト ${HOST}: {{ $labels.product_class }} 製品のライセンス認証が停止`,
    description: `${HOST} のカウントは ${COUNTED} で、{{ $labels.product_class }} 製品のしきい値 ${NEEDED} を下回っています (余裕 ${COUNT})。新しいコンピューターのライセンス認証は拒否されます。認証済みのコンピューターも、最後の更新から 180 日でライセンス認証が失効します。`,
    meaning:
      "30 日以内にこの KMS ホストへ要求を送ったコンピューターの台数が、製品クラスのしきい値 (クライアント版 Windows は 25、サーバーと Office は 5) を下回りました。以前は、しきい値に達していました。",
    action:
      "KMS ホストのページを開きます。いなくなったクライアントと、次にいなくなるクライアントが一覧されています。別の KMS ホストへ移ったクライアント (`slmgr /dlv`、SRV レコード)、TCP ポート 1688 の遮断、クライアント コンピューター ID (CMID) の重複を調べてください。カウントが回復するまでは、より多くのコンピューターから要求を送る (`slmgr /ato`) か、急ぎのコンピューターを MAK でライセンス認証します。",
  },
  KmsThresholdNotReached: {
    summary: `KMS ホスト ${HOST}: {{ $labels.product_class }} 製品のしきい値に未到達`,
    description: `${HOST} のカウントは ${COUNTED} で、{{ $labels.product_class }} 製品のしきい値 ${NEEDED} に達したことがまだありません (余裕 ${COUNT})。この製品クラスのライセンス認証は行われません。`,
    meaning: "KMS ホストが新しいか、対象のコンピューターが少なすぎます。",
    action:
      "今後も台数が足りない拠点では、MAK または別の KMS ホストを使用してください (ボリューム アクティベーション計画ガイドの表 1)。",
  },
  KmsCountNearThreshold: {
    summary: `KMS ホスト ${HOST}: {{ $labels.product_class }} 製品のカウントがしきい値に接近`,
    description: `${HOST} のカウントは ${COUNTED}、{{ $labels.product_class }} 製品のしきい値は ${NEEDED} です (余裕 ${COUNT})。あと数台減ると、ライセンス認証が停止します。`,
    meaning: "カウントはまだ足りていますが、余裕がほとんどありません。",
    action: "廃止されたコンピューターがないか、または別の KMS ホストで更新していないかを調べてください。",
  },
  KmsCountForecastBelowThreshold: {
    summary: `KMS ホスト ${HOST}: {{ $labels.product_class }} 製品のカウントがあと {{ $value | humanizeDuration }} でしきい値割れ`,
    description: `どのクライアントも更新しない場合、${HOST} の {{ $labels.product_class }} 製品のカウントは、あと {{ $value | humanizeDuration }} でしきい値を下回ります。正常なクライアントは 7 日ごとに更新するため、クライアントが KMS ホストに接続できていない兆候です。`,
    meaning: "しきい値を左右するクライアントから、30 日近く要求がありません。",
    action:
      "クライアントから KMS ホストへ接続できるかを調べてください: SRV レコード、TCP ポート 1688、クライアントでのイベント 12289 を伴わないイベント 12288。",
  },
  KmsHostUnknown: {
    summary: `KMS ホスト ${HOST}: 状態が不明`,
    description: `${HOST} については、ログからも、自身のカウントからも、クライアントからも、${SILENT_FOR}、情報が得られていません。推測になるため、カウントに関するアラートは出ません。`,
    meaning: "情報がないことは、カウントがゼロであることを意味しません。正常なのかどうかが分からない状態です。",
    action:
      "KMS ホストでエージェント (または OpenTelemetry Collector) が動作し、コレクターへ接続できるかを確認してください。廃止した KMS ホストの場合は、`kms.retired_hosts` に追加します。",
  },
  KmsCountsDisagree: {
    summary: `KMS ホスト ${HOST}: カウントの不一致`,
    description: `${HOST} が報告するカウントと、そのログから計算したカウントが、クライアント ${COUNT} 台分異なります ({{ $labels.application }})。`,
    meaning: "要求の一部がログから失われたか、検知されないうちに KMS ホストのテーブルが作り直されました。",
    action:
      "KMS ホストでの `slmgr /dlv` の結果と、そのホストのページを比べてください。Key Management Service ログが 30 日以内に上書きされている場合は、ログのサイズを大きくします。",
  },
  KmsTableLost: {
    summary: `KMS ホスト ${HOST}: クライアントのテーブルの消失`,
    description: `{{ $value | humanizeDuration }} 前に、${HOST} が報告するカウント ({{ $labels.application }}) が、クライアントの保存期間切れでは説明できないほど減りました。カウントは最初からやり直しになります。`,
    meaning: "KMS ホストの再インストール、ライセンス ストアの再構築、または KMS キーの変更がありました。",
    action:
      "クライアントの更新に伴い、カウントは 7 日以内に増えていきます。急ぐ場合は、十分な台数のコンピューターで `slmgr /ato` を実行してください。",
  },
  KmsUnknownProducts: {
    summary: `KMS ホスト ${HOST}: 名前が未登録の製品からの要求`,
    description: `${HOST} のクライアント ${COUNT} 台が、ライセンス認証 ID の分からない製品についてライセンス認証を要求しました。これらのカウントは判定できません。`,
    meaning: "しきい値が 5 の製品はサーバーか Office ですが、どちらのカウントに含めるべきかが分かりません。",
    action:
      "ライセンス認証 ID を `kms.products` に登録するか、そのようなクライアントの 1 台でエージェントを実行してください。",
  },
  KmsHostNotLicensed: {
    summary: `KMS ホスト ${HOST}: ホスト自身のライセンスが未認証`,
    description: `${HOST} の状態は {{ $labels.status }} で、すべてのクライアントの要求を拒否しています。`,
    meaning: "通知状態の KMS ホストは、すべての要求にエラーを返します。",
    action:
      "KMS ホストをライセンス認証してください: `slmgr /ato`、または電話 (`slui 4`)。仮想マシンの KMS ホストを別のハードウェアへ移すと、再度のライセンス認証が必要になります。",
  },
  KmsHostGraceEnding: {
    summary: `KMS ホスト ${HOST}: 猶予期間があと {{ $value | humanizeDuration }} で終了`,
    description: `${HOST} はライセンス認証されていません。あと {{ $value | humanizeDuration }} で通知状態になり、すべてのクライアントの要求を拒否します。`,
    meaning: "KMS ホスト自身のライセンスの期限が近づいています。",
    action: "KMS ホストをライセンス認証してください: `slmgr /ato`、または電話 (`slui 4`)。",
  },
  KmsRequestsFailing: {
    summary: `KMS ホスト ${HOST}: 要求の処理エラー ({{ $labels.reason }})`,
    description: `${HOST} のログの直近 1 時間で、要求 ${COUNT} 件が失敗しました。原因は {{ $labels.reason }} です。`,
    meaning: "クライアントからの要求は届いていますが、KMS ホストが応じられません。",
    action:
      "clock_skew: 時刻同期を修正します (許容されるずれは 4 時間)。unsupported_product: KMS キーが古く、これらのクライアントに対応していません。host_not_activated: KMS ホストをライセンス認証します。",
  },
  KmsNoRequests: {
    summary: `KMS ホスト ${HOST}: クライアントからの要求が途絶`,
    description: `${HOST} への最後の要求は {{ $value | humanizeDuration }} 前です。クライアントは通常 7 日ごとに更新します。`,
    meaning: "ログは読み取れていますが、新しい要求が記録されていません。",
    action:
      "SRV レコードとファイアウォールを調べてください。この KMS ホストが不要な場合は、廃止して `kms.retired_hosts` に追加します。",
  },
  KmsHostDown: {
    summary: `KMS ホスト ${HOST}: 応答なし`,
    description: `どのプローブ元からも、${HOST} の KMS サービスの応答が得られません。新しいコンピューターは、このホストでライセンス認証できません。認証済みのコンピューターは、最後の更新から 180 日間は認証された状態のままです。`,
    meaning:
      "1 時間にわたり、すべてのプローブ元からの TCP 接続、または KMS インターフェイスへのバインドが失敗しています。更新プログラムの適用を伴う再起動にしては長すぎます。",
    action:
      "何が失敗したかは `/api/v1/probes` で確認できます。`unresolved` は DNS の問題、`timeout` はファイアウォールまたはホストの停止、`refused` はサービスの停止 (KMS ホストで `sc query sppsvc`、`slmgr /dlv`)、`rejected` と `malformed` は別のプログラムによるポートの使用を示します。2 台目の KMS ホストがあれば、クライアントは SRV レコードからそれを見つけます。",
  },
  KmsHostUnreachable: {
    summary: `KMS ホスト ${HOST}: ゾーン {{ $labels.prober_zone }} から接続不可`,
    description: `${HOST} はほかの場所からは応答しますが、ゾーン {{ $labels.prober_zone }} のどのプローブ元も応答を得られません。そのゾーンのコンピューターは、このホストでライセンス認証できません。`,
    meaning: "KMS ホスト自体は正常です。そのゾーンとの間の経路に問題があります。多くの場合はファイアウォールです。",
    action:
      "そのゾーンから KMS ホストへの TCP ポート 1688 を許可してください。接続させない方針の場合は、そのゾーンからのプローブをやめます (エージェントの `probes`)。",
  },
  KmsDnsPublishFailed: {
    summary: `KMS ホスト ${HOST}: ドメイン {{ $labels.domain }} での SRV レコードの発行に失敗`,
    description: `${HOST} は、ドメイン {{ $labels.domain }} に SRV レコードを書き込めませんでした (イベント 12293)。そこで KMS ホストを検索するクライアントは、このホストを見つけられません。`,
    meaning: "レコードの所有者は 1 台目の KMS ホストです。ほかの KMS ホストには、レコードに対する権限が必要です。",
    action:
      "そのドメインの _vlmcs._tcp を更新する権限を KMS ホストのコンピューター アカウントに付与するか、レコードを手動で発行してください。",
  },
  KmsSrvRecordMissing: {
    summary: `KMS ホスト ${HOST}: ドメイン {{ $labels.domain }} に SRV レコードなし`,
    description: `${HOST} の SRV レコード _vlmcs._tcp.{{ $labels.domain }} がありません。そこで KMS ホストを検索するコンピューターは、このホストを見つけられません。`,
    meaning:
      "レコードが削除されたか、清掃 (scavenging) で消えたか、一度も書き込まれていません。DNS は応答しますが、その中にこのホストがありません。KMS ホストは、サービスの開始時と 1 日に 1 回、レコードを書き込みます。",
    action:
      "KMS ホストでサービスを再起動し (`net stop sppsvc`、`net start sppsvc`)、イベント 12294 または 12293 を確認してください。ホストが自動発行しない設定の場合は、レコードを手動で追加します。必要な権限については、手順書の KmsDnsPublishFailed を参照してください。そのドメインを使用していない場合は、`kms.srv_domains` と `probes.srv_domains` から外します。",
  },
  KmsUnexpectedHost: {
    summary: "想定外の KMS ホストの使用: {{ $labels.target }}",
    description:
      "クライアントが {{ $labels.target }} にライセンス認証を要求しているか、DNS がこれをクライアントに返しています。このホストは `kms.expected_hosts` にありません。",
    meaning:
      "ほかの KMS ホストからクライアントを奪う忘れられたホスト、テスト用のホスト、または KMS ホストになりすますプログラムです。",
    action:
      "要求したクライアントをイベントから (`/api/v1/events?event=kms_request_sent`、コンピューターの `asked_kms_host`)、また SRV レコードを書き込んだコンピューターを特定してください。KMS ホストの指定は `slmgr /ckms` で解除できます。自組織のホストであれば `kms.expected_hosts` に、クラウド事業者のホストであれば `kms.external_hosts` に追加します。",
  },
  KmsSingleHost: {
    summary: "ゾーン {{ $labels.zone }}: KMS ホストが 1 台のみ",
    description: `計画ガイドでは、この規模のゾーンに ${COUNT} 台の KMS ホストが推奨されていますが、ゾーン {{ $labels.zone }} には 1 台しかありません。それが停止している間、このゾーンではライセンス認証が行われません。`,
    meaning:
      "計画ガイドの表 1 では、大規模なネットワークに 2 台の KMS ホストが推奨されています。どちらも単独でしきい値に達する必要があります。",
    action:
      "同じ KMS キーで 2 台目の KMS ホストをセットアップしてください (1 つのキーで 6 台まで)。推奨の根拠は `/api/v1/recommendations` で確認できます。",
  },
  KmsKeyOverused: {
    summary: `KMS キー {{ $labels.partial_product_key }}: マイクロソフトの許容回数を超える使用`,
    description: `{{ if $labels.kms_host }}KMS ホスト {{ $labels.kms_host }} は、KMS キー {{ $labels.partial_product_key }} で ${COUNT} 回再ライセンス認証されました。許容されるのは ${allowed(kmsMetrics.keyReactivationsAllowed, "それ未満の")} 回です。{{ else }}${COUNT} 台の KMS ホストが KMS キー {{ $labels.partial_product_key }} を使用しています。許容されるのは ${allowed(kmsMetrics.keyHostsAllowed, "それ未満の")} 台です。{{ end }} このキーによる次のライセンス認証は、拒否される可能性があります。`,
    meaning:
      "1 つの KMS キーでライセンス認証できるのは 6 台の KMS ホストまでで、各ホストは、再インストール時やハードウェアの変更時 (仮想マシンの移動など) に、さらに 9 回再ライセンス認証できます。実際の使用回数はマイクロソフトにしか分かりません。ここでは、そのキーを報告しているホストの台数と、ホスト自身のライセンス認証が失われて回復した回数、または別のクライアント コンピューター ID (CMID) で回復した回数を数えています。廃止されたホストも、ライセンス認証を使用済みです。",
    action:
      "どのホストがそのキーを使用しているかを確認してください (`activation_kms_host_key_info`、`/api/v1/kms-hosts/HOST` の `keys`)。ほとんどの組織では、KMS ホストは 2 台で十分です。ほかのホストからキーを削除し (`slmgr /upk`)、KMS クライアント セットアップ キーに置き換えます。さらに必要な場合は、マイクロソフトのライセンス認証コール センターに例外を依頼し、認められた数を `kms.key_hosts_allowed` または `kms.key_reactivations_allowed` に設定します。再ライセンス認証を繰り返すホストは、仮想マシンを特定のハードウェアに固定してください。",
  },
  KmsClientsUncovered: {
    summary: `KMS ホスト ${HOST}: {{ $labels.product }} に対応する KMS キーなし`,
    description: `30 日以内に、{{ $labels.product }} のコンピューター ${COUNT} 台が ${HOST} にライセンス認証を要求しました。この製品に対応する KMS キーがホストにないため、これらは拒否されているか、次の更新で拒否されます。`,
    meaning:
      "KMS キーでライセンス認証できるのは、その製品グループとそれより下位のグループ (クライアント、次にサーバー グループ A、B、C)、および以前の世代の製品だけです。より新しい製品はライセンス認証できません。クライアント版 Windows のキーはサーバーに対応しません。Office には、バージョンごとのキーが必要です (ボリューム アクティベーション計画ガイドの表 3 から表 5)。",
    action:
      "使用中のコンピューターのうち、最も新しく上位の製品グループの KMS キーをインストールしてください (`slmgr /ipk`、`slmgr /ato`)。最新の Windows Server のキーは、ほかのすべてに対応します。古いホストには、そのキーを受け付けるための更新プログラムも必要です。Office の場合は、そのバージョンの Volume License Pack をインストールします。または、それらのコンピューターの要求先を別の KMS ホストにします。拒否されたコンピューターは、`/api/v1/kms-hosts/HOST` の `refused` に一覧されています。",
  },
  KmsDuplicateMachineIds: {
    summary: `KMS ホスト ${HOST}: CMID が重複するコンピューター`,
    description: `${HOST} では、${COUNT} 個のクライアント コンピューター ID (CMID) をそれぞれ複数のコンピューターが使用しています。これらは 1 台として数えられます。`,
    meaning: "一般化されていないイメージからコンピューターが複製されました。",
    action:
      "KMS ホストのページに一覧されたコンピューターで `slmgr /rearm` を、イメージに対して `sysprep /generalize` を実行してください。",
  },
  KmsRenewalIntervalTooLong: {
    summary: `KMS ホスト ${HOST}: クライアントの更新間隔が過大`,
    description: `${HOST} がクライアントに指示している更新間隔は {{ $value | humanizeDuration }} です。KMS ホストは、30 日間更新のないクライアントを数えなくなります。`,
    meaning: "この間隔では、更新に 2 回失敗したクライアントがカウントから外れます。",
    action: "更新間隔を既定値に戻してください: `slmgr /sri 10080`。",
  },
  LicenseDeadlineNear: {
    summary: `ゾーン {{ $labels.zone }}: ライセンスの期限が 1 週間以内のコンピューター ${COUNT} 台`,
    description: `ゾーン {{ $labels.zone }} のコンピューター ${COUNT} 台 (現在の状態 {{ $labels.status }}) で、有効期間または猶予期間が 7 日以内に終了します。`,
    meaning:
      "毎週更新しているクライアントには、少なくとも 173 日が残っています。これらのコンピューターは、何か月も更新していないか、一度もライセンス認証されていません。",
    action:
      "`/api/v1/computers?zone=…&deadline_before=…` で一覧できます。社内ネットワークまたは VPN に接続するか、MAK でライセンス認証してください。",
  },
  LicenseDeadlinePassed: {
    summary: `ゾーン {{ $labels.zone }}: 最後に判明した期限を過ぎたコンピューター ${COUNT} 台`,
    description: `ゾーン {{ $labels.zone }} のコンピューター ${COUNT} 台 (最後の状態 {{ $labels.status }}) から、ライセンスの期限が過ぎた後の報告がありません。`,
    meaning: "報告がない間も、期限までの時間は経過します。",
    action: "使用中のコンピューターかどうかを調べてください。廃止されたものは 180 日後に対象から外れます。",
  },
  LicenseNotification: {
    summary: `ゾーン {{ $labels.zone }}: 通知状態のライセンス ${COUNT} 件`,
    description: `ゾーン {{ $labels.zone }} のライセンス ${COUNT} 件の期限が切れ、ユーザーに通知が表示されています。`,
    meaning: "有効期間も猶予期間も終了しています。",
    action:
      "ライセンス認証してください (`slmgr /ato`)。原因は、いずれか 1 台のイベント 8198 または 12288 で確認できます。",
  },
  LicenseNonGenuine: {
    summary: `ゾーン {{ $labels.zone }}: 非正規のコンピューター ${COUNT} 台`,
    description: `ゾーン {{ $labels.zone }} のコンピューター ${COUNT} 台が、Windows に非正規と判断されています。`,
    meaning: "プロダクト キーがブロックされたか、ライセンス関連のファイルが変更されました。",
    action: "いずれか 1 台を `slmgr /dlv` で調べ、KMS クライアント セットアップ キーをインストールし直してください。",
  },
  LicenseRenewalsOverdue: {
    summary: `ゾーン {{ $labels.zone }}: コンピューターの {{ $value | humanizePercentage }} で更新が遅延`,
    description: `ゾーン {{ $labels.zone }} のコンピューターの {{ $value | humanizePercentage }} が、更新間隔の 2 倍と 1 日を超えて更新していません。`,
    meaning: "これだけの台数がすべて持ち出し中とは考えられません。KMS ホストに接続できていません。",
    action: "そのゾーンからの DNS と TCP ポート 1688 を調べてください。",
  },
  LicenseFleetAnomaly: {
    summary: `ゾーン {{ $labels.zone }}: コンピューターの {{ $value | humanizePercentage }} で 1 時間以内にライセンス状態が変化`,
    description: `ゾーン {{ $labels.zone }} のコンピューターの {{ $value | humanizePercentage }} で、1 時間以内に、通知状態への移行、チャネルの変更、または猶予期間のリセット (rearm) がありました。何かが全体に一斉に作用しています。`,
    meaning:
      "個々のコンピューターの変化は時々ありますが、これだけ同時に起きる原因は、更新プログラム、ポリシー、イメージ、または攻撃です。",
    action:
      "何が展開されたかを確認してください。数台の状態 (`/api/v1/computers?zone=…&status=notification`) とイベントを調べ、その展開を止めます。",
  },
  LicenseChannelDrift: {
    summary: `ゾーン {{ $labels.zone }}: ライセンス認証方法が変わったコンピューター ${COUNT} 台`,
    description: `ゾーン {{ $labels.zone }} のコンピューター ${COUNT} 台で、1 時間以内に、KMS から MAK や製品版へなど、チャネルが変わりました。`,
    meaning:
      "別のプロダクト キーがインストールされました。KMS を離れたコンピューターは、KMS ホストのカウントに含まれなくなります。",
    action:
      "最近報告したコンピューターのチャネルを確認してください (`/api/v1/computers?zone=…&channel=…`)。意図しない変更であれば、KMS クライアント セットアップ キーに戻します (`slmgr /ipk`)。",
  },
  ClientClockSkew: {
    summary: `ゾーン {{ $labels.zone }}: 時刻がずれているコンピューター ${COUNT} 台`,
    description: `ゾーン {{ $labels.zone }} のコンピューター ${COUNT} 台の時刻が 1 時間を超えてずれています。ずれが 4 時間に達すると、ライセンス認証が失敗します。`,
    meaning:
      "KMS は UTC で時刻を比較します。エージェントの時刻は送信時にコレクターの時刻と、エージェントのないクライアントの時刻は要求時に KMS ホストの時刻と比較されます。あるホストのすべてのクライアントが同じだけずれている場合は、ホストの時刻のずれであり、クライアントは数えられません。",
    action:
      "そのゾーンの時刻同期を修正してください。`/api/v1/kms-hosts/HOST` の `clock_skewed` に、クライアントとずれの大きさが一覧されています。KMS ホスト自身の時刻がずれている場合は、そのエージェントから分かります。",
  },
  MakAllowanceLow: {
    summary: `MAK {{ $labels.partial_product_key }}: ライセンス認証の残りが {{ $value | humanizePercentage }}`,
    description: `MAK …-{{ $labels.partial_product_key }} の許容ライセンス認証数の残りは {{ $value | humanizePercentage }} です。使い切ると、このキーによる新しいコンピューターのライセンス認証は拒否されます (0xC004C020)。`,
    meaning:
      "設定された許容ライセンス認証数の残りがわずかです。残りは、ライセンス ポータルの値がある場合はその値、ない場合はこのキーを持つコンピューターの台数から計算しています。",
    action:
      "許容ライセンス認証数の追加をマイクロソフトに依頼するか、KMS ホストに接続できるコンピューターを KMS に切り替えてください。ポータルの値は `mak[].remaining` に転記します。イメージの再展開で消費されたライセンス認証は、どの台帳にも現れません。",
  },
  MakExhaustionForecast: {
    summary: `MAK {{ $labels.partial_product_key }}: 30 日以内に使い切る見込み`,
    description: `この 1 週間のペースでは、30 日以内にさらに ${COUNT} 台のコンピューターが MAK …-{{ $labels.partial_product_key }} を使用します。残りのライセンス認証数では足りません。`,
    meaning: "このキーを使用するコンピューターが、許容ライセンス認証数を超えるペースで増えています。",
    action: "許容ライセンス認証数の追加を早めにマイクロソフトに依頼するか、このキーを使用する展開を止めてください。",
  },
  AgentsStale: {
    summary: `ゾーン {{ $labels.zone }}: エージェントの {{ $value | humanizePercentage }} から報告が途絶`,
    description: `ゾーン {{ $labels.zone }} のコンピューターの {{ $value | humanizePercentage }} から、数日間報告がありません。`,
    meaning: "これらのコンピューターについて表示される内容は古いものです。",
    action: "そのゾーンからコレクターへの経路と、エージェントのサービスを調べてください。",
  },
  AgentSpoolBacklog: {
    summary: `ゾーン {{ $labels.zone }}: エージェントのレコードが未送信のまま滞留`,
    description: `ゾーン {{ $labels.zone }} に、{{ $value | humanizeDuration }} の間送信できないレコードを保持しているエージェントがあります。`,
    meaning: "レコードはディスクに残っています。スプールが一杯になるまで、失われるものはありません。",
    action: "エージェントのログで原因を確認してください: 名前解決、証明書、トークン。",
  },
  AgentEventGap: {
    summary: `ゾーン {{ $labels.zone }}: 読み取り前のイベントの欠落`,
    description: `ゾーン {{ $labels.zone }} のエージェントが、イベント ログの上書きまたは消去を検出しました。`,
    meaning: "30 日分のログをあらためて読み取るまで、KMS ホストのカウントをログから計算できません。",
    action:
      'ログのサイズを大きくし (`wevtutil sl "Key Management Service" /ms:…`)、ログを消去した人を特定してください。',
  },
  CollectorRejectingRecords: {
    summary: "コレクターが {{ $labels.kind }} レコードを拒否",
    description: "形式が正しくないか、別のコンピューターについて述べた {{ $labels.kind }} レコードが送信されています。",
    meaning: "送信元が転送元 (forwarders) として登録されていないか、なりすましです。",
    action: "送信元のログを確認してください。コレクターの応答に理由が書かれています。",
  },
  CollectorUninterpretedRecords: {
    summary: "コレクターが一部の {{ $labels.kind }} レコードを解釈できない状態",
    description: "種別 {{ $labels.kind }} のレコードが届いています。保存はされますが、どの数値にも反映されません。",
    meaning: "KMS のログの想定外の内容、偽造された要求、または未対応の形式です。",
    action: "ストアのテーブル `unread` で内容を確認してください。対応すべき形式であれば、開発元に報告してください。",
  },
  CollectorDown: {
    summary: "activation-monitor のコレクターから数値を取得できない状態",
    description:
      "Prometheus が、どのコレクターからも数値を取得できていません。現在、ライセンス認証は監視されていません。",
    meaning:
      "コレクターが停止しているか、Prometheus から接続できません。その間、エージェントはレコードをディスクに保持します。",
    action: "コレクターを起動し、そのログを確認してください。Prometheus のスクレイプ設定も調べてください。",
  },
  Watchdog: {
    summary: "アラート通知の動作確認",
    description:
      "このアラートは常に発生しています。届かなくなった場合は、Prometheus から担当者までの経路に障害があります。",
    meaning: "アラート通知そのもののハートビートです。",
    action: "届いている限り、対処は不要です。",
  },
};
