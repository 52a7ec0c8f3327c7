import { NOW } from "./case.ts";

/** Series that many cases use. */
export const host = 'kms_host="kms01",zone="core"';
export const client = `${host},product_class="client"`;
export const windows = `${host},application="windows"`;
export const mak = 'partial_product_key="ABCDE"';
export const K = { kms_host: "kms01", zone: "core" };
export const known = `kms_known_until_timestamp_seconds{${host},source="clients"}`;
export const heard = { [known]: NOW - 60 };
export const reached = `kms_threshold_reached{${client}}`;
export const headroom = `kms_headroom{${client}}`;
export const required = 'kms_required_clients{product_class="client"}';
export const falls = `kms_below_threshold_timestamp_seconds{${client}}`;
export const complete = `kms_ledger_complete{${windows}}`;
export const maintenance = { [`kms_health{${windows},state="maintenance"}`]: 1 };
export const lab = { 'zone_kind{zone="core",kind="lab"}': 1 };
/** The zone's computers that are not retired. */
export const computers = 'zone_computers{zone="core"}';
/** Those of them that have an agent. */
export const agents = 'zone_agents{zone="core"}';
export const up = (probe: string, from: string) => `kms_host_up{${host},probe="${probe}",prober_zone="${from}"}`;
export const record = (state: string) =>
  `kms_srv_record_info{domain="contoso.com",target="rogue.contoso.com",port="1688",priority="0",weight="0",state="${state}"}`;
