import { kmsMetrics } from "../../licensing/telemetry/metrics.ts";
import { allowed, COUNT } from "./formats.ts";
import { DURATION, HOST } from "./ja-terms.ts";
import type { Words } from "./texts.ts";

const KEY = "{{ $labels.partial_product_key }}";

export const kmsHosts: Pick<
  Words,
  | "KmsHostKeyLost"
  | "KmsHostNotLicensed"
  | "KmsHostGraceEnding"
  | "KmsHostDown"
  | "KmsHostUnreachable"
  | "KmsDnsPublishFailed"
  | "KmsSrvRecordMissing"
  | "KmsUnexpectedHost"
  | "KmsSingleHost"
  | "KmsKeyOverused"
  | "KmsClientsUncovered"
  | "KmsRenewalIntervalTooLong"
> = {
  KmsHostKeyLost: {
    summary: `${HOST}: KMS キーがなく、KMS ホストとして動作していない状態`,
    description: `${HOST} は以前 KMS ホストでしたが、最新のライセンス状態には KMS キーがありません。クライアントに応答していません。`,
    meaning:
      "KMS キーのアンインストール、別のキーへの変更、または Windows のアップグレードや再インストールがありました。",
    affected:
      "このホストを使用するすべてのクライアントです。新しいコンピューターは認証されず、認証済みのコンピューターは最後の更新から 180 日で失効します。",
    check: "ホストで `slmgr /dlv` (キー管理サービスの項目がない状態) と `slmgr /dli all` を実行します。",
    action:
      "KMS キーを再度インストールし、ライセンス認証してください: `slmgr /ipk KEY`、`slmgr /ato`。意図して廃止した場合は、`kms.retired_hosts` に追加し、SRV レコードを削除します。",
    guide: "1 台目の KMS ホストのライセンス認証",
  },
  KmsHostNotLicensed: {
    summary: `KMS ホスト ${HOST}: ホスト自身が未認証のため要求を拒否`,
    description: `${HOST} は、ホスト自身がライセンス認証されていないか、それを示すエラーを返しており、すべてのクライアントの要求を拒否しています。`,
    meaning: "通知状態の KMS ホスト、または KMS キーが認証されていない KMS ホストは、すべての要求にエラーを返します。",
    affected:
      "このホストのすべてのクライアントです。新しいコンピューターにはすぐに、認証済みのコンピューターには最後の更新から 180 日後に影響します。",
    check:
      "ホストで `slmgr /dlv` を実行し、ライセンスの状態を確認します。イベント 12290 には 0xC004F041 が記録されます。",
    action:
      "KMS ホストをライセンス認証してください: `slmgr /ato`、または電話 (`slui 4`)。仮想マシンの KMS ホストを別のハードウェアへ移すと、再度のライセンス認証が必要になります。",
    guide: "1 台目の KMS ホストのライセンス認証",
  },
  KmsHostGraceEnding: {
    summary: `KMS ホスト ${HOST}: 猶予期間があと ${DURATION}で終了`,
    description: `${HOST} はライセンス認証されていません。あと ${DURATION}で通知状態になり、すべてのクライアントの要求を拒否します。`,
    meaning: "KMS ホスト自身のライセンスの猶予期間が終わろうとしています。",
    affected: "まだ影響はありません。猶予期間が終わると、このホストのすべてのクライアントに影響します。",
    check: "ホストで `slmgr /dlv` と `slmgr /xpr` を実行します。",
    action: "KMS ホストをライセンス認証してください: `slmgr /ato`、または電話 (`slui 4`)。",
    guide: "1 台目の KMS ホストのライセンス認証",
  },
  KmsHostDown: {
    summary: `KMS ホスト ${HOST}: 応答なし`,
    description: `どのプローブ元からも、${HOST} の KMS サービスの応答が得られません。新しいコンピューターは、このホストでライセンス認証できません。認証済みのコンピューターは、最後の更新から 180 日間は動作します。`,
    meaning:
      "すべてのプローブ元からの TCP 接続、または KMS インターフェイスへのバインドが、更新プログラムの適用を伴う再起動よりも長く失敗しています。",
    affected: "2 台目の KMS ホストがない場合は、新しいコンピューターです。認証済みのコンピューターには後で影響します。",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/probes` で結果を確認できます。`unresolved` は DNS の問題、`timeout` はファイアウォールまたはホストの停止、`refused` はサービスの停止、`rejected` と `malformed` は別のプログラムによるポートの使用を示します。ホストでは `sc query sppsvc` と `netstat -ano | findstr 1688` を実行します。",
    action:
      "ホストまたはサービス `sppsvc` を起動し、TCP ポート 1688 を許可してください。2 台目の KMS ホストがあれば、クライアントは SRV レコードからそれを見つけます。",
    guide: "KMS 展開の計画",
  },
  KmsHostUnreachable: {
    summary: `KMS ホスト ${HOST}: ゾーン {{ $labels.prober_zone }} から接続不可`,
    description: `${HOST} はほかの場所からは応答しますが、ゾーン {{ $labels.prober_zone }} のどのプローブ元も応答を得られません。そのゾーンのコンピューターは、このホストでライセンス認証できません。`,
    meaning: "KMS ホスト自体は正常です。そのゾーンとの間の経路に問題があります。多くの場合はファイアウォールです。",
    affected: "そのゾーンのコンピューターです。",
    check: "そのゾーンから `Test-NetConnection HOST -Port 1688` を実行します。",
    action:
      "そのゾーンから KMS ホストへの TCP ポート 1688 を許可してください。接続させない方針の場合は、そのゾーンからのプローブをやめます (エージェントの `probes.kms_hosts`)。",
    guide: "隔離されたネットワーク",
  },
  KmsDnsPublishFailed: {
    summary: `KMS ホスト ${HOST}: ドメイン {{ $labels.domain }} での SRV レコードの発行に失敗`,
    description: `${HOST} は、ドメイン {{ $labels.domain }} に SRV レコードを書き込めませんでした (イベント 12293)。そこで KMS ホストを検索するクライアントは、このホストを見つけられません。`,
    meaning: "レコードの所有者は 1 台目の KMS ホストです。ほかの KMS ホストには、レコードに対する権限が必要です。",
    affected: "DNS で KMS ホストを検索する、そのドメインのクライアントです。",
    check:
      "`nslookup -type=srv _vlmcs._tcp.DOMAIN` を実行します。ホストのアプリケーション ログのイベント 12293 に、エラー コードが記録されています。",
    action:
      "そのドメインの _vlmcs._tcp を更新する権限を KMS ホストのコンピューター アカウントに付与するか、レコードを手動で追加してください。",
    guide: "KMS サービスの発行",
  },
  KmsSrvRecordMissing: {
    summary: `KMS ホスト ${HOST}: ドメイン {{ $labels.domain }} に SRV レコードなし`,
    description: `ドメイン {{ $labels.domain }} に、${HOST} の SRV レコード _vlmcs._tcp がありません。そこで KMS ホストを検索するコンピューターは、このホストを見つけられません。`,
    meaning:
      "レコードが削除されたか、清掃 (scavenging) で消えたか、一度も書き込まれていません。DNS は応答しますが、その中にこのホストがありません。KMS ホストは、サービスの開始時と 1 日に 1 回、レコードを書き込みます。",
    affected: "DNS で KMS ホストを検索する、そのドメインのクライアントです。",
    check:
      "`nslookup -type=srv _vlmcs._tcp.DOMAIN` を実行し、ホストのイベント 12294 (発行) と 12293 (失敗) を確認します。",
    action:
      "KMS ホストでサービスを再起動してください: `net stop sppsvc`、`net start sppsvc`。ホストが自動発行しない設定の場合は、レコードを手動で追加します (必要な権限: KmsDnsPublishFailed)。そのドメインを使用していない場合は、`kms.srv_domains` と `probes.srv_domains` から外します。",
    guide: "KMS サービスの発行",
  },
  KmsUnexpectedHost: {
    summary: "想定外の KMS ホストの使用: {{ $labels.target }}",
    description:
      "クライアントが {{ $labels.target }} でライセンス認証しているか、DNS がこれをクライアントに返しています。このホストは `kms.expected_hosts` にありません。",
    meaning:
      "ほかの KMS ホストからクライアントを奪う忘れられたホスト、テスト用のホスト、または KMS ホストになりすますプログラムの可能性があります。",
    affected:
      "それを使用するクライアントです。正しくライセンス認証されていない可能性があり、ほかの KMS ホストのカウントにも含まれません。",
    check:
      "`curl -s 'http://COLLECTOR:9688/api/v1/events?event=kms_request_sent'` で使用しているクライアントを、`nslookup -type=srv _vlmcs._tcp.DOMAIN` でレコードを確認できます。",
    action:
      "クライアントでの KMS ホストの指定を `slmgr /ckms` で解除し、SRV レコードを削除してください。自組織のホストであれば `kms.expected_hosts` に、クラウド事業者のホストであれば `kms.external_hosts` に追加します。",
    guide: "KMS サービスのクライアントの探索",
  },
  KmsSingleHost: {
    summary: "ゾーン {{ $labels.zone }}: KMS ホストが 1 台のみ",
    description: `計画ガイドでは、この規模のゾーンに ${COUNT} 台の KMS ホストが推奨されていますが、ゾーン {{ $labels.zone }} には 1 台しかありません。それが停止している間、このゾーンではライセンス認証が行われません。`,
    meaning:
      "計画ガイドの表 1 では、大規模なネットワークに 2 台の KMS ホストが推奨されています。どちらも単独でしきい値に達する必要があります。",
    affected: "ホストが動作している間、影響はありません。",
    check: "`curl -s http://COLLECTOR:9688/api/v1/recommendations` で推奨の根拠を確認できます。",
    action: "同じ KMS キーで 2 台目の KMS ホストをセットアップしてください (1 つのキーで 6 台まで)。",
    guide: "表 1",
  },
  KmsKeyOverused: {
    summary: `KMS キー ${KEY}: マイクロソフトの許容回数を超える使用`,
    description: `{{ if $labels.kms_host }}KMS ホスト {{ $labels.kms_host }} は、KMS キー ${KEY} で ${COUNT} 回再ライセンス認証されました。許容されるのは ${allowed(kmsMetrics.keyReactivationsAllowed, "それ未満の")} 回です。{{ else }}${COUNT} 台の KMS ホストが KMS キー ${KEY} を使用しています。許容されるのは ${allowed(kmsMetrics.keyHostsAllowed, "それ未満の")} 台です。{{ end }} このキーによる次のライセンス認証は、拒否される可能性があります。`,
    meaning:
      "1 つの KMS キーでライセンス認証できるのは 6 台の KMS ホストまでで、各ホストは、再インストール時やハードウェアの変更時 (仮想マシンの移動など) に、さらに 9 回再ライセンス認証できます。実際の使用回数はマイクロソフトにしか分かりません。ここでは、ライセンス状態から分かる回数を示しています。",
    affected:
      "まだ影響はありません。再ライセンス認証が必要になった KMS ホストが拒否されると、そのクライアントも拒否されます。",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST` でホストのキーを、メトリック `activation_kms_host_key_info` ですべてのキーを確認できます。",
    action:
      "ほとんどの組織では、KMS ホストは 2 台で十分です。ほかのホストからキーを削除し (`slmgr /upk`)、KMS クライアント セットアップ キーに置き換えます。さらに必要な場合は、マイクロソフトのライセンス認証コール センターに例外を依頼し、認められた数を `kms.key_hosts_allowed` または `kms.key_reactivations_allowed` に設定します。仮想マシンの KMS ホストは、特定のハードウェアに固定してください。",
    guide: "後続の KMS ホストのライセンス認証",
  },
  KmsClientsUncovered: {
    summary: `KMS ホスト ${HOST}: {{ $labels.product }} に対応する KMS キーなし`,
    description: `30 日以内に、{{ $labels.product }} のコンピューター ${COUNT} 台が ${HOST} に要求を送りました。この製品に対応する KMS キーがホストにないため、これらは拒否されているか、次の更新で拒否されます。`,
    meaning:
      "KMS キーでライセンス認証できるのは、その製品グループとそれより下位のグループ、および以前のバージョンだけです。より新しい製品はライセンス認証できません。クライアント版 Windows のキーはサーバーに対応しません。Office には、バージョンごとのキーが必要です。",
    affected: "この製品のコンピューターです。",
    check:
      "`curl -s http://COLLECTOR:9688/api/v1/kms-hosts/HOST` の `refused` に一覧表示されます。ホストのキーは `slmgr /dlv` で確認できます。",
    action:
      "使用中のコンピューターのうち、最も新しく上位の製品グループの KMS キーをインストールしてください (`slmgr /ipk KEY`、`slmgr /ato`)。古いホストには、そのキーを受け付けるための更新プログラムも必要です。Office の場合は、そのバージョンの Volume License Pack をインストールします。",
    guide: "表 3 から表 5",
  },
  KmsRenewalIntervalTooLong: {
    summary: `KMS ホスト ${HOST}: クライアントの更新間隔が ${DURATION}と過大`,
    description: `${HOST} がクライアントに指示している更新間隔は ${DURATION}です。KMS ホストは、30 日間更新のないクライアントをカウントから外します。`,
    meaning: "この間隔では、更新に 2 回失敗したクライアントがカウントから外れます。",
    affected: "まだ影響はありません。カウントが減りやすくなっています。",
    check: "ホストで `slmgr /dlv` を実行し、更新間隔を確認します。",
    action: "更新間隔を 7 日に戻してください: `slmgr /sri 10080`。",
    guide: "KMS ライセンス認証の更新",
  },
};
