import { openLog } from "../config/log.ts";
import { VERSION } from "../config/version.ts";
import { configFrom } from "./config.ts";
import { returnFreedMemory } from "./engine/allocator.ts";
import { startCollector } from "./start.ts";

/** `collector run`: until a signal ends it, or the store fails. */
export const runCollector = async (file: string | undefined): Promise<number> => {
  const config = configFrom(file);
  const log = openLog({ terminal: process.stderr.isTTY === true });
  const ending = new AbortController();
  const asked = signalled().then(() => ending.abort());
  await returnFreedMemory();
  const { signal } = ending;
  const collector = await startCollector(config, { clock: Date.now, log, version: VERSION, signal }).catch((cause) => {
    if (signal.aborted) return undefined;
    throw cause;
  });
  if (!collector) return 0;
  const { otlp, http } = config;
  log.info(
    `OTLP on ${bound(collector.otlpUrl, otlp.listen.host)}, pages and metrics on ${bound(collector.webUrl, http.listen.host)}`,
  );
  const reason = await Promise.race([asked, collector.broken]);
  if (reason) log.error("The collector stops; what it acknowledged is on disk.");
  await collector.stop();
  return reason ? 1 : 0;
};

/** The address as it is bound, with the port that the system chose: a wildcard must not read like loopback. */
const bound = (url: string, host: string): string => {
  const { protocol, port } = new URL(url);
  return `${protocol}//${host.includes(":") ? `[${host}]` : host}:${port}`;
};

const signalled = (): Promise<undefined> =>
  new Promise((resolve) => {
    for (const it of ["SIGINT", "SIGTERM"] as const) process.once(it, () => resolve(undefined));
  });
