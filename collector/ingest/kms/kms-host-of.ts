import type { Instant } from "../../../licensing/time.ts";
import { forgetFutureOfHost } from "../../state/kms/forget-future.ts";
import { KMS_HOSTS_MAX, type KmsHostState } from "../../state/kms/host-state.ts";
import type { Origin } from "../accepted-record.ts";
import type { UnitOfWork } from "../unit-of-work.ts";

export const TOO_MANY_HOSTS = `there are ${KMS_HOSTS_MAX} KMS hosts already; list the real ones in kms.expected_hosts`;

/** The KMS host that a fact of its own confirms; zone and system are those of the newest such fact of its agent. */
export const kmsHostOf = (
  work: UnitOfWork,
  { origin, at }: { readonly origin: Origin; readonly at: Instant },
): KmsHostState | undefined => {
  const host = work.host(origin.host);
  if (!host) return undefined;
  forgetFutureOfHost(host, origin.receivedAt);
  const computer = work.computer(origin.host).state;
  if (computer.kmsLog) {
    if (host.coverage.spans.length === 0) host.coverage = { ...host.coverage, ...computer.kmsLog };
    delete computer.kmsLog;
  }
  // What WMI said before the log told that it is a KMS host: that its key is gone.
  if (computer.noKmsHost) {
    host.reading ??= { at: computer.licensesAt ?? at, keys: [], isKmsHost: false };
    delete computer.noKmsHost;
  }
  if (!origin.own || at < (host.originAt ?? 0)) return host;
  host.originAt = at;
  if (origin.zone !== undefined) host.zone = origin.zone;
  if (origin.addresses !== undefined) host.addresses = origin.addresses;
  if (origin.os !== undefined) host.os = origin.os;
  return host;
};
