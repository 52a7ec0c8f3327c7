import type { Texts } from "./texts.ts";

export const remediesJa: Texts["remedies"] = {
  count_too_low:
    "より多くのコンピューターが KMS ホストに接続する必要があります。次にテーブルから外れるクライアントは、ホストのページで確認できます。",
  host_unreachable:
    "KMS ホストが稼働していること、クライアントとホストの間で TCP ポート 1688 が開いていることを確認してください。",
  dns: "クライアントの DNS ドメインの SRV レコード _vlmcs._tcp を確認するか、slmgr /skms で KMS ホストを指定してください。",
  clock_skew: "時刻の同期を修正してください。クライアントと KMS ホストの差は 4 時間以内でなければなりません。",
  unsupported_product: "この製品に対応する KMS ホスト キーをホストにインストールしてください。",
  bios_marker_missing:
    "ボリューム ライセンスはアップグレードです。このコンピューターの BIOS には対象となる Windows ライセンスがありません。",
  not_genuine: "システム ファイルの変更と、使用中のプロダクト キーを確認してください。",
  key_blocked: "別のプロダクト キーをインストールしてください。ブロックされた理由は Microsoft に問い合わせてください。",
  host_not_activated: "ホストで KMS ホスト キーをライセンス認証してください (slmgr /ato)。",
  limit_exceeded: "キーの認証回数の上限の引き上げを Microsoft に依頼するか、KMS を使用してください。",
  hardware_changed: "再度ライセンス認証を行ってください (slmgr /ato)。",
  grace_expired:
    "ライセンス認証を行ってください (slmgr /ato)。残りがある場合は slmgr /rearm で猶予期間をリセットできます。",
  adba: "Active Directory のアクティブ化オブジェクトと、ドメイン コントローラーへの接続を確認してください。",
  token: "トークンによるライセンス認証の証明書とその発行元を確認してください。",
  avma: "仮想化ホストがライセンス認証済みであること、ゲストの AVMA キーがバージョンに合っていることを確認してください。",
  access_denied: "管理者権限でコマンドを実行し、Software Protection サービスの権限を確認してください。",
  other: "コードは activation-monitor explain で確認できます。",
};
