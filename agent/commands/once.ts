import { hostname } from "node:os";
import type { LicensingFact } from "../../licensing/facts.ts";
import { worstStatus } from "../../licensing/kms/host-license.ts";
import { kmsReadingOf } from "../../licensing/kms/reading.ts";
import { type License, licensesOf, numberOf, textOf } from "../../licensing/license.ts";
import { iso } from "../../licensing/time.ts";
import { licensingFact } from "../sources/licensing-wmi.ts";
import { recordedSource } from "../sources/recorded.ts";
import { describe, type Reading } from "./once-text.ts";
import { agentConfigFrom } from "./run.ts";

interface Out {
  write(text: string): unknown;
}

/**
 * `agent once`: reads license state and tells it as `slmgr /dlv` would, in words or as JSON. No collector is needed and
 * nothing is kept.
 *
 * @throws ConfigurationError
 */
export const onceAgent = async (
  { config: file, json }: { readonly config?: string | undefined; readonly json: boolean },
  out: Out,
): Promise<number> => {
  const config = agentConfigFrom(file);
  const readings =
    process.platform === "win32"
      ? [await readWindows(config.host, config.windows.deadline)]
      : await readRecorded(config.recorded.files);
  if (readings.length === 0)
    throw new Error(
      "There is no Windows here to read. Run this on the computer in question, or name a recording of license state under recorded.files.",
    );
  const write = (it: Reading) => (json ? `${JSON.stringify(jsonOf(it), undefined, 2)}\n` : describe(it));
  out.write(readings.map(write).join(json ? "" : "\n"));
  return 0;
};

const readWindows = async (host: string | undefined, deadlineMs: number): Promise<Reading> => {
  const { HungError, readLicenseState } = await import("../win32/licenses/license-thread.ts");
  try {
    const { ownName } = await import("../win32/own-computer.ts");
    const state = await readLicenseState({}, deadlineMs);
    const system = [textOf(state.os?.Caption), textOf(state.os?.Version)].filter((it) => it !== undefined).join(" ");
    return {
      host: (host ?? ownName()) || hostname().toLowerCase(),
      readAt: Date.now(),
      fact: licensingFact(state),
      ...(system && { system }),
      ...(state.failure && { note: `WMI does not answer (${state.failure.call}); read by slc.dll, which tells less.` }),
    };
  } catch (cause) {
    if (!(cause instanceof HungError)) throw cause;
    process.stderr.write(`activation-monitor: ${cause.message}\n`);
    const { endAtOnce } = await import("../win32/terminate-process.ts");
    endAtOnce();
    throw cause;
  }
};

/** The newest reading of each computer in the recordings. */
const readRecorded = async (files: readonly string[]): Promise<Reading[]> => {
  const newest = new Map<string, Reading>();
  for (const file of files) {
    const source = recordedSource(file, Date.now, false);
    for (let bookmark: string | undefined, more = true; more; ) {
      const read = await source.read(bookmark, AbortSignal.timeout(60_000));
      for (const { host, observedAt, fact } of read.facts)
        if (fact.kind === "licensing" && observedAt >= (newest.get(host)?.readAt ?? Number.NEGATIVE_INFINITY))
          newest.set(host, { host, readAt: observedAt, fact });
      bookmark = read.bookmark;
      more = read.more ?? false;
    }
  }
  return [...newest.values()];
};

/** What was understood, and beside it everything as it was read. */
const jsonOf = ({ host, readAt, fact, system, note }: Reading): object => ({
  computer: host,
  ...(system && { system }),
  read_at: iso(readAt),
  ...(note && { note }),
  licenses: licensesOf(fact, readAt).map(licenseJson),
  ...kmsJson(fact),
  ...rearmsJson(fact),
  properties: {
    ...(fact.service && { service: fact.service }),
    products: fact.products,
    ...(fact.officeService && { office_service: fact.officeService }),
    ...(fact.officeProducts && { office_products: fact.officeProducts }),
    ...(fact.degraded && { degraded: true }),
  },
});

const licenseJson = (it: License): object => ({
  name: it.name,
  application: it.application,
  activation_id: it.activationId,
  channel: it.channel,
  status: it.status,
  ...(it.reason && { reason: it.reason }),
  ...(it.deadline !== undefined && { deadline: iso(it.deadline), deadline_kind: it.deadlineKind }),
  ...(it.partialProductKey && { partial_product_key: it.partialProductKey }),
  ...(it.kmsHost && { kms_host: it.kmsHost }),
  ...(it.renewalIntervalMinutes !== undefined && { renewal_interval_minutes: it.renewalIntervalMinutes }),
  ...(it.genuine && { genuine: it.genuine }),
  ...(it.addon && { addon: true }),
});

const kmsJson = (fact: LicensingFact): object => {
  const kms = kmsReadingOf(fact);
  if (!kms?.isKmsHost) return {};
  const status = worstStatus(kms.keys);
  const pools = Object.entries(kms.pools).map(([application, it]) => ({
    application,
    clients: it.count,
    ...(it.need !== undefined && { required: it.need }),
    requests: it.counters,
  }));
  const publishing = fact.service?.KeyManagementServiceDnsPublishing;
  return {
    kms_host: {
      ...(status && { status }),
      port: kms.port,
      ...(typeof publishing === "boolean" && { dns_publishing: publishing }),
      pools,
    },
  };
};

const rearmsJson = (fact: LicensingFact): object => {
  const left = numberOf(fact.service?.RemainingWindowsReArmCount);
  return left === undefined ? {} : { rearms_left: left };
};
