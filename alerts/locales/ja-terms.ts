import { labelWordsJa } from "../../licensing/telemetry/locales/label-words-ja.ts";
import { duration, word } from "./formats.ts";

// Terms are those of Microsoft's planning guide in Japanese: ライセンス認証, しきい値, カウント, 猶予期間, 通知, 発行, KMS キー.
export const HOST = "{{ $labels.kms_host }} (ゾーン {{ $labels.zone }})";
export const CLASS = word("product_class", labelWordsJa.productClass);
export const DURATION = duration({ minutes: "分", hours: "時間", day: "日", days: "日" });
