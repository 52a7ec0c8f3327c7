import { STATUS_JA } from "../codes/status-words.ts";
import type { Application } from "../products.ts";
import { type Instant, utcMinute } from "../time.ts";
import type { HealthSentences, Key } from "./health-sentences.ts";
import type { ProductClass } from "./rules.ts";

/** The sentences of health-sentences.ts in Japanese. Terms are those of Microsoft's planning guide. */
const FAMILY: Readonly<Record<Application, string>> = {
  windows: "Windows",
  office: "Office",
  office2010: "Office 2010",
  unknown: "これらの製品",
};
const CLASS: Readonly<Record<ProductClass, string>> = {
  client: "クライアント版 Windows",
  server: "Windows Server",
  office: "Office",
  office2010: "Office 2010",
};
const statusText = ({ status }: Key): string => (status === undefined ? "不明" : STATUS_JA[status]);
const named = ({ label, partialProductKey }: Key): string =>
  `${label === "other" ? "" : `${label} `}${partialProductKey}`;
const key = (it: Key): string => `${FAMILY[it.application]} のホスト キー (${named(it)})`;

const neverHeard = (): string =>
  "この KMS ホストのデータはまだありません。エージェントが稼働し、Key Management Service ログとライセンス状態を読み取っていることを確認してください。";

export const healthSentencesJa: HealthSentences = {
  className: (productClass) => CLASS[productClass],
  interval: (atLeast, atMost) => `${atLeast}～${atMost}`,
  keyLost: (application, it) =>
    it
      ? `このホストは ${FAMILY[application]} の KMS ホストではなくなりました。ホスト キー (${named(it)}) の状態は「${statusText(it)}」で、WMI は KMS ホストではないと報告しています。${FAMILY[application]} のクライアントは拒否されます。ホスト キーを再度ライセンス認証してください。`
      : `このホストの ${FAMILY[application]} の KMS ホスト キーがなくなりました。WMI は KMS ホストではないと報告しています。${FAMILY[application]} のクライアントは拒否されます。キーを再度インストールしてライセンス認証するか、ホストを kms.retired_hosts に追加してください。`,
  keyRefuses: (it) =>
    `${key(it)} の状態は「${statusText(it)}」です。このホストは ${FAMILY[it.application]} のクライアントを拒否します。ホスト キーを再度ライセンス認証してください (slmgr /ato)。`,
  graceEnded: (it) =>
    `${key(it)} の猶予期間は ${utcMinute(it.deadline!)} に終了しました。このホストは ${FAMILY[it.application]} のクライアントを拒否します。ホスト キーを再度ライセンス認証してください (slmgr /ato)。`,
  refusing: ({ code, requests, lastAt }) =>
    `このホストはクライアントを拒否しています。${requests} 件の要求に ${code} で応答しました (最後は ${utcMinute(lastAt)})。ホスト キーのライセンスを確認してください (slmgr /dlv)。`,
  down: (zones) =>
    `どのプローブもこの KMS ホストに接続できません (ゾーン ${zones.join("、")} から確認)。ホストが稼働していること、TCP ポート 1688 が開いていることを確認してください。`,
  startFailed: ({ at, code }) =>
    `このホストの Key Management Service は ${utcMinute(at)} に開始できませんでした${code === undefined ? "" : ` (${code})`}。その後に稼働した形跡がなく、クライアントに応答していません。sppsvc サービスを再起動し、ホスト キーを確認してください (slmgr /dlv)。`,
  inGrace: (it) =>
    `${key(it)} の状態は「${statusText(it)}」${it.deadline === undefined ? "" : ` (${utcMinute(it.deadline)} まで) `}です。その後、このホストは ${FAMILY[it.application]} のクライアントを拒否します。ホスト キーを再度ライセンス認証してください (slmgr /ato)。`,
  below: (it, { nearest, text }, required) =>
    `クライアント数は ${required} 台中 ${text} 台です。${CLASS[it]} のライセンス認証を再開するには、あと ${required - nearest} 台のコンピューターがこのホストに接続する必要があります。`,
  notReached: (it, { nearest, text }, required) =>
    `クライアント数は ${required} 台中 ${text} 台です。このホストはまだ、${CLASS[it]} のライセンス認証を行っていません。あと ${required - nearest} 台のコンピューターが接続する必要があります。`,
  near: (it, { nearest, text }, required) =>
    nearest === required
      ? `クライアント数は ${text} 台で、${CLASS[it]} に必要な ${required} 台ちょうどです。1 台減ると、ライセンス認証を行えなくなります。`
      : `クライアント数は ${text} 台で、${CLASS[it]} に必要な ${required} 台を ${nearest - required} 台上回るだけです。`,
  falling: (it: ProductClass, at: Instant, required: number) =>
    `どのクライアントも更新しない場合、${CLASS[it]} のカウントは ${utcMinute(at)} に ${required} を下回ります。`,
  between: (it, [atLeast, atMost], required) =>
    `${CLASS[it]} のカウントは ${atLeast}～${atMost} です (必要数 ${required})。クライアント ${atMost - atLeast} 台が、このコレクターの知らない製品を使用しています。`,
  neverHeard,
  silentSince: (at) =>
    at === 0
      ? neverHeard()
      : `${utcMinute(at)} 以降、この KMS ホストのデータがありません。ホストとエージェントが稼働していることを確認してください。`,
  notCounted: () =>
    "カウントは不明です。過去 30 日間のログに欠落があり、ホストから最新のカウントも報告されていません。",
  unknownProducts: () =>
    "このコレクターの知らない製品のクライアントが、このホストに接続しました。正しくカウントされるように、アクティブ化 ID を kms.products に追加してください。",
  inMaintenance: ({ until, reason }) =>
    `${utcMinute(until)} までメンテナンス中です${reason === "" ? "" : ` (${reason})`}。`,
};
