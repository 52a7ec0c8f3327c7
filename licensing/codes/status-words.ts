import type { Status } from "../license.ts";

/** A license state within an English sentence: "Windows is ..." */
export const STATUS_EN: Readonly<Record<Status, string>> = {
  unlicensed: "unlicensed",
  licensed: "licensed",
  oob_grace: "in its initial grace period",
  oot_grace: "in the out-of-tolerance grace period",
  non_genuine_grace: "in the non-genuine grace period",
  notification: "in notification",
  extended_grace: "in an extended grace period",
};

/** A license state in Japanese. Terms are those of Microsoft's planning guide. */
export const STATUS_JA: Readonly<Record<Status, string>> = {
  unlicensed: "ライセンスなし",
  licensed: "認証済み",
  oob_grace: "初期の猶予期間",
  oot_grace: "追加の猶予期間",
  non_genuine_grace: "非正規の猶予期間",
  notification: "通知状態",
  extended_grace: "延長された猶予期間",
};
