import type { License } from "../../licensing/license.ts";
import { iso, isoOf } from "../../licensing/time.ts";
import { computerOf } from "../state/stored-computer.ts";
import type { ComputerRow } from "../store/store.ts";

/** One computer, as `GET /api/v1/computers` lists it. Times are ISO 8601. */
export interface ComputerItem {
  readonly computer: string;
  readonly zone: string;
  readonly os?: string | undefined;
  readonly last_seen: string;
  readonly agent_version?: string | undefined;
  readonly deadline?: string | undefined;
  readonly renewed_at?: string | undefined;
  readonly renewal_overdue_at?: string | undefined;
  readonly rearms_left?: number | undefined;
  readonly asked_kms_host?: { readonly name: string; readonly at: string } | undefined;
  readonly licenses: readonly LicenseItem[];
}

export interface LicenseItem extends Pick<License, "name" | "application" | "channel" | "status"> {
  readonly product: string;
  readonly activation_id: string;
  readonly reason?: string | undefined;
  readonly deadline?: string | undefined;
  readonly deadline_kind?: License["deadlineKind"] | undefined;
  readonly partial_product_key?: string | undefined;
  readonly addon?: true | undefined;
  readonly kms_host?: string | undefined;
}

export const computerItem = (row: ComputerRow): ComputerItem => {
  const state = computerOf(row.state);
  return {
    computer: row.key,
    zone: row.zone,
    os: state.os,
    last_seen: iso(row.seenAt),
    agent_version: state.agentVersion,
    deadline: isoOf(row.deadline ?? undefined),
    renewed_at: isoOf(state.renewedAt),
    renewal_overdue_at: isoOf(row.overdueAt ?? undefined),
    rearms_left: state.rearmsLeft,
    asked_kms_host: state.target && { name: state.target.name, at: iso(state.target.at) },
    licenses: state.licenses.map((it) => ({
      name: it.name,
      application: it.application,
      product: it.product,
      activation_id: it.activationId,
      channel: it.channel,
      status: it.status,
      reason: it.reason,
      deadline: isoOf(it.deadline),
      deadline_kind: it.deadlineKind,
      partial_product_key: it.partialProductKey,
      addon: it.addon || undefined,
      kms_host: it.kmsHost,
    })),
  };
};
