import type { AgentConfig } from "./config.ts";
import { acceptedRisks } from "./exposure.ts";
import { READING_MAX } from "./sources/reading-size.ts";

const MIB = 1024 * 1024;

/** What works in a configuration and is hardly meant so, or was accepted by `insecure: true`: for `check-config` and the log. */
export const configWarnings = (config: AgentConfig): string[] => {
  const { spool } = config;
  const warnings = acceptedRisks(config);
  if (spool.max_size < READING_MAX)
    warnings.push(
      `spool.max_size (${(spool.max_size / MIB).toFixed(1)} MiB) is less than one reading of a log may take (${READING_MAX / MIB} MiB): the agent reads on only as the collector takes records. 64MiB is the default.`,
    );
  return warnings;
};
