import { readFileSync } from "node:fs";
import { tokensIn } from "../config/secrets.ts";
import type { CollectorConfig } from "./config.ts";

/** What works in a configuration and is hardly meant so: for `check-config` and the log. Secrets are not repeated. */
export const configWarnings = (config: CollectorConfig): string[] => [
  ...["expectedHosts", "externalHosts", "retiredHosts"].flatMap((list) =>
    config.kms[list as "expectedHosts"]
      .filter((it) => !it.includes("."))
      .map(
        (it) =>
          `kms.${list.replace("Hosts", "_hosts")}: ${it} has no domain, and KMS hosts report their full name; write for example ${it}.contoso.com.`,
      ),
  ),
  ...(config.retire.after < config.staleAfter
    ? ["retire.after is shorter than stale_after: a computer is retired before it is stale."]
    : []),
  ...(config.retention.computers < config.retire.after
    ? ["retention.computers is shorter than retire.after: a computer is deleted before it is retired."]
    : []),
  ...(config.otlp.tokensFile === undefined ? [] : tokenWarnings(config.otlp.tokensFile)),
];

/** So few different characters are no random token. A hexadecimal one of 32 characters has 14 of them on average. */
const DIFFERENT_MIN = 8;

const tokenWarnings = (file: string): string[] => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Who cannot read the file learns that elsewhere: at the start, and from check-config.
    return [];
  }
  try {
    const tokens = tokensIn(text);
    if (tokens.length === 0) return [`otlp.tokens_file: ${file} has no token, so that every report is refused.`];
    const weak = tokens.filter((it) => new Set(it.token).size < DIFFERENT_MIN).length;
    const twice = tokens.length - new Set(tokens.map((it) => it.token)).size;
    return [
      ...(weak > 0
        ? [
            `otlp.tokens_file: ${weak} of the tokens in ${file} can be guessed; make new ones with openssl rand -hex 24.`,
          ]
        : []),
      ...(twice > 0 ? [`otlp.tokens_file: ${file} has the same token twice; only its first line counts.`] : []),
    ];
  } catch (cause) {
    return [`otlp.tokens_file: ${file} cannot be used: ${(cause as Error).message}.`];
  }
};
