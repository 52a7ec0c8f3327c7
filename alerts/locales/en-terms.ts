import { labelWordsEn } from "../../licensing/telemetry/locales/label-words-en.ts";
import { duration, word } from "./formats.ts";

export const HOST = "{{ $labels.kms_host }} (zone {{ $labels.zone }})";
export const CLASS = word("product_class", labelWordsEn.productClass);
export const DURATION = duration({ minutes: "minutes", hours: "hours", day: "day", days: "days" });
