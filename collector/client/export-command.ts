import { productsFrom } from "../../licensing/products.ts";
import { configFrom } from "../config.ts";
import { type ApiOptions, apiFrom } from "./api-client.ts";
import { newCheckedFile } from "./checked-file.ts";
import { historyOf, hostZones, openMetricsOf } from "./export-history.ts";

export interface ExportOptions extends ApiOptions {
  readonly out: string;
}

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

/** So many requests between two reports of progress. */
const PROGRESS = 1_000;

/**
 * `collector export --openmetrics`: the past of every KMS host's counts, from a running collector, for
 * `promtool tsdb create-blocks-from openmetrics`.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error when the collector does not answer, the file exists, or the user interrupts it: then
 * nothing is left under the name.
 */
export const exportHistory = async (options: ExportOptions, { out, err, signal }: Streams): Promise<number> => {
  const api = apiFrom(options);
  const products = productsFrom(options.config === undefined ? [] : configFrom(options.config).kms.products);
  const file = newCheckedFile(options.out);
  const clear = err.isTTY === true ? "\r\u001b[K" : "";
  try {
    const zones = await hostZones(api);
    const samples = await historyOf(api, zones, {
      products,
      now: Date.now(),
      progress: (requests) => clear && requests % PROGRESS === 0 && err.write(`${clear}${requests} requests`),
      signal,
    });
    for (const it of openMetricsOf(samples)) file.write(it);
    file.finish();
    if (clear) err.write(clear);
    out.write(`${options.out}: ${samples.length} samples of ${zones.size} KMS hosts\n`);
    if (samples.length === 0)
      err.write("activation-monitor: no table is known yet: that takes 30 days of requests, or 50 clients.\n");
    return 0;
  } catch (cause) {
    file.abandon();
    if (clear) err.write(clear);
    throw signal.aborted ? new Error(`${options.out} was not written: interrupted.`, { cause }) : cause;
  }
};
