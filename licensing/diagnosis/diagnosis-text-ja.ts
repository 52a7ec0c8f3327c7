import { STATUS_JA } from "../codes/status-words.ts";
import { type Instant, utcMinute } from "../time.ts";
import type { DiagnosisSentences } from "./diagnosis-sentences.ts";

/** The sentences of diagnosis-text.ts in Japanese. Terms are those of Microsoft's planning guide. */
const until = (deadline: Instant | undefined): string =>
  deadline === undefined ? "" : ` (${utcMinute(deadline)} まで)`;
const since = (at: Instant | undefined): string => (at === undefined ? "" : `${utcMinute(at)} 以降、`);

export const diagnosisJa: DiagnosisSentences = {
  works: ({ product, deadline }, renewedAt) =>
    `${product} はライセンス認証されています${deadline === undefined ? " (期限なし)" : until(deadline)}。${renewedAt === undefined ? "" : `最後の認証または更新は ${utcMinute(renewedAt)} です。`}`,
  nothingKnown:
    "このコンピューターのライセンスはまだ不明です。エージェントが稼働し、ライセンス状態を読み取っていることを確認してください。",
  state: ({ product, status, deadline }) =>
    status === "licensed"
      ? `${product} はまだライセンス認証されています${until(deadline)}。`
      : `${product} の状態は「${STATUS_JA[status]}」です${until(deadline)}。`,
  failing: (at, attempts, code, meaning) =>
    `${since(at)}ライセンス認証が ${attempts} 回失敗しています${code === undefined ? "" : ` (最新のコード ${code})`}。${meaning}`,
  noAnswer: (at, attempts) =>
    `${since(at)}要求を ${attempts} 回送信しましたが、応答がありません (12288 に続く 12289 がありません)。`,
  noAttempt: (at) => `${since(at)}ライセンス認証を要求するはずですが、試行が確認されていません。`,
  notLicensed: (at) => `${since(at)}認証されていませんが、最後の成功以降に失敗した試行はありません。`,
  unknownCode: "このコードは本製品の表にありません。",
  evidence: (it) =>
    it.kind === "host_handled"
      ? `KMS ホスト ${it.host} は ${utcMinute(it.at)} に要求を処理しているため、応答が途中で失われています。`
      : it.kind === "host_serves_others"
        ? `KMS ホスト ${it.host.name} はその間も他のコンピューターの要求を処理しているため (最後は ${utcMinute(it.host.lastRequest!)})、原因はホストではなく経路です。`
        : `KMS ホスト ${it.host.name}: ${it.host.reason ?? "安全ではありません。"}`,
  fault: (words) => `対応が必要なのは${words}です。`,
  changes: {
    status: "ライセンス状態が前回の読み取りから変わりました。",
    channel: "ライセンス認証の方法が前回の読み取りから変わりました。",
    probe: "プローブから見た KMS ホストの状態が変わりました。",
  },
};
