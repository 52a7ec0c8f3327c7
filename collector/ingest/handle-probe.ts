import { recordProbe } from "../state/probes.ts";
import type { RecordOf } from "./accepted-record.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** What a prober found when it looked at a KMS host or a domain. */
export const handleProbe = (work: UnitOfWork, { fact, origin, at }: RecordOf<"probe">): void => {
  const prober = work.prober(origin.host);
  if (!prober) {
    work.count("probe", "ignored", origin);
    return;
  }
  if (origin.own && origin.zone !== undefined) prober.zone = origin.zone;
  if (origin.own && origin.addresses !== undefined) prober.addresses = origin.addresses;
  const result = recordProbe(prober, fact, at);
  if ("reason" in result) work.putUninterpreted(origin.receivedAt, origin.host, result.reason, JSON.stringify(fact));
  work.count("probe", "reason" in result ? "uninterpreted" : result.taken ? "accepted" : "duplicate", origin);
};
