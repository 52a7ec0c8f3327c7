import { isKmsHostIn, kmsReadingOf } from "../../licensing/kms/reading.ts";
import { licensesOf, numberOf } from "../../licensing/license.ts";
import type { Application } from "../../licensing/products.ts";

import { recordCounts, recordKmsReading } from "../state/kms/host.ts";
import { replayLate } from "../state/kms/replay-plan.ts";
import { recordLicenses } from "../state/licenses.ts";
import { machineIdsIn, recordMachineId } from "../state/machine-ids.ts";
import { sumKey } from "../store/sums.ts";
import type { RecordOf } from "./accepted-record.ts";
import type { ComputerEntry } from "./changes/computers.ts";
import { kmsHostOf, TOO_MANY_HOSTS } from "./kms/kms-host-of.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** License state of one computer, as WMI tells it. */
export const handleLicensing = (work: UnitOfWork, computer: ComputerEntry, record: RecordOf<"licensing">): void => {
  const { fact, origin, at } = record;
  const licenses = licensesOf(fact, at);
  for (const it of licenses) addProduct(work, it.activationId, it);
  const rearmsLeft = numberOf(fact.service?.RemainingWindowsReArmCount);
  const { imported } = origin;
  const reading = { licenses, rearmsLeft, observedAt: at, products: work.products, imported };
  const recorded = recordLicenses(computer.state, reading);
  work.count("licensing", recorded ? "accepted" : "duplicate", origin);
  for (const id of machineIdsIn(fact))
    if (recordMachineId(computer.state, id, at)) work.changedIds.add(id, { computer: origin.host });
  const zone = work.zoneOf(origin.host, computer.state);
  for (const change of recorded?.changes ?? []) work.addToSum(sumKey("changes", zone, change));
  recordHostReading(work, computer, record, recorded?.newest ?? false);
};

/** What WMI says of a product counts for its requests, also for those of before. */
const addProduct = (
  work: UnitOfWork,
  activationId: string,
  { name, application }: { name: string; application: Application },
): void => {
  if (!work.products.learn(activationId, name, application)) return;
  for (const [host, { pools }] of work.hosts()) {
    const copy = pools.unknown && work.host(host);
    if (copy) replayLate(copy, 0);
  }
};

/** A KMS host's own counts belong into the order of its requests, also when they come late; its state is that of the newest reading. */
const recordHostReading = (
  work: UnitOfWork,
  { state }: ComputerEntry,
  { fact, origin, at }: RecordOf<"licensing">,
  isNewest: boolean,
): void => {
  const isKmsHost = isKmsHostIn(fact);
  if (isKmsHost === undefined) return;
  const isKnown = work.knownHost(origin.host) !== undefined || work.memory.expectedHosts.has(origin.host);
  if (!isKmsHost && !isKnown) {
    if (isNewest) state.noKmsHost = true;
    return;
  }
  const reading = kmsReadingOf(fact);
  if (!reading) return;
  const host = kmsHostOf(work, { origin, at });
  if (!host) {
    work.putUninterpreted(origin.receivedAt, origin.host, TOO_MANY_HOSTS, JSON.stringify(reading));
    return;
  }
  const counts: Partial<Record<Application, number>> = {};
  for (const [name, it] of Object.entries(reading.pools)) counts[name as Application] = it.count;
  recordKmsReading(host, reading, { at, intervalSeconds: fact.intervalSeconds });
  if (!reading.isKmsHost) return;
  work.putKmsReading({ kmsHost: origin.host, at, counts });
  recordCounts(host, { at, counts });
};
