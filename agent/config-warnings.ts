import { type AgentConfig, hasCollector } from "./config.ts";
import { READING_MAX } from "./sources/reading-size.ts";

const MIB = 1024 * 1024;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What works in a configuration and is hardly meant so: one sentence each, for `check-config` and the agent's log. */
export const configWarnings = (config: AgentConfig): string[] => {
  const { collector, spool } = config;
  const warnings: string[] = [];
  if (spool.max_size < READING_MAX)
    warnings.push(
      `spool.max_size (${(spool.max_size / MIB).toFixed(1)} MiB) is less than one reading of a log may take (${READING_MAX / MIB} MiB): the agent reads on only as the collector takes records. 64MiB is the default.`,
    );
  if (hasCollector(config) && collector.token_file !== undefined) {
    const { protocol, hostname } = new URL(collector.url);
    if (protocol === "http:" && !LOOPBACK.test(hostname))
      warnings.push(
        "collector.token_file: the token travels unencrypted, because collector.url is http://; write https:// and give the collector otlp.tls.",
      );
  }
  return warnings;
};
