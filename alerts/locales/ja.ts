import { kmsCounts } from "./ja-kms-counts.ts";
import { kmsHosts } from "./ja-kms-hosts.ts";
import { licenses } from "./ja-licenses.ts";
import { pipeline } from "./ja-pipeline.ts";
import type { Words } from "./texts.ts";
import { thresholdsJa } from "./thresholds-ja.ts";

export const ja: Words = {
  runbook: {
    title: "手順書",
    intro:
      "アラートごとに 1 つの項目があります。コマンドの COLLECTOR、HOST、ZONE、DOMAIN、KEY は、実際の名前に置き換えてください。「計画ガイド」は、マイクロソフトのボリューム アクティベーション計画ガイドの項目です。ライセンス認証は、ライセンスの保有を証明するものではありません。",
    meaning: "意味:",
    affected: "影響の範囲:",
    check: "確認方法:",
    action: "対処:",
    silence: "通知の停止:",
    settings: "設定:",
    severity: { critical: "重大 (呼び出し)", warning: "警告", info: "情報 (表示のみ)" },
    atOnce: "すぐに発生",
    holds: (duration) => `${duration} 継続した後に発生`,
    keeps: (duration) => `原因がなくなった後も ${duration} 継続`,
    dashboard: (name) => `ダッシュボード \`${name}\``,
    guide: "計画ガイド:",
    thresholds: "しきい値",
    thresholdsIntro:
      "変更する値を YAML ファイルに書き (`forecast: 21d`)、`activation-monitor alerts build --thresholds FILE` でルールを生成します。",
  },
  notification: {
    firing: "発生",
    resolved: "解決",
    all: "アラート数:",
    since: "発生時刻",
    runbook: "対処方法",
    dashboard: "ダッシュボード",
    silence: "通知の停止と確認",
  },
  ...kmsCounts,
  ...kmsHosts,
  ...licenses,
  ...pipeline,
  thresholds: thresholdsJa,
};
