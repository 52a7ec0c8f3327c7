import { EVENT_NAMES, type NormalisedEvent } from "../../licensing/events/names.ts";
import type { ApiAnswer } from "../api/queries.ts";
import type { ComputerItem } from "../summary/computer-item.ts";
import type { KmsHostDetail } from "../summary/kms/kms-host-detail.ts";
import type { ApiClient } from "./api-client.ts";

/** What a collector knows of one computer and of the KMS hosts that it used. */
export interface Collected {
  readonly computer: ComputerItem;
  readonly kmsHosts: readonly KmsHostDetail[];
  /** Of the computer, and of its KMS hosts as far as they are about it or about the host itself. */
  readonly events: readonly NormalisedEvent[];
}

/**
 * Asks for license state and both sides' events of a client.
 *
 * @throws Error when the collector cannot be reached or does not know the computer.
 */
export const collect = async (
  api: ApiClient,
  name: string,
  { since, progress }: { since: string; progress: (events: number) => void },
): Promise<Collected> => {
  const computer = await computerNamed(api, name.toLowerCase());
  const events: NormalisedEvent[] = [];
  const take = (event: NormalisedEvent) => {
    events.push(event);
    if (events.length % 100 === 0) progress(events.length);
  };
  for await (const event of api.all<NormalisedEvent>("/api/v1/events", { computer: computer.computer, since }))
    take(event);
  const kmsHosts = await kmsHostsOf(api, computer, events);
  const isAbout = aboutClient(computer.computer, events);
  for (const { kms_host: host } of kmsHosts.filter((it) => it.kms_host !== computer.computer)) {
    for (const event of EVENT_NAMES)
      for await (const it of api.all<NormalisedEvent>("/api/v1/events", { computer: host, event, since }))
        if (event !== "kms_request_processed" || isAbout(it)) take(it);
  }
  return { computer, kmsHosts, events };
};

const MATCHES_SHOWN = 5;

/** By its FQDN, or by a short name that only one has. */
const computerNamed = async (api: ApiClient, name: string): Promise<ComputerItem> => {
  const known = await api.get<ComputerItem>(`/api/v1/computers/${encodeURIComponent(name)}`);
  if (known) return known;
  const like: ComputerItem[] = [];
  for await (const it of api.all<ComputerItem>("/api/v1/computers", { q: `${name}.` }))
    if (it.computer.startsWith(`${name}.`)) like.push(it);
  if (like.length === 1) return like[0]!;
  if (like.length === 0) throw new Error(`The collector at ${api.url} knows no computer ${name}.`);
  const some = like.slice(0, MATCHES_SHOWN).map((it) => it.computer);
  throw new Error(
    `Several computers are called ${name}: ${some.join(", ")}${like.length > some.length ? " …" : ""}; give the full name.`,
  );
};

/** The hosts its licenses and requests name, under whatever name, and those that have it among their clients. */
const kmsHostsOf = async (
  api: ApiClient,
  { computer, licenses }: ComputerItem,
  events: readonly NormalisedEvent[],
): Promise<KmsHostDetail[]> => {
  const named = new Set(
    [...licenses, ...events]
      .map((it) => it.kms_host?.toLowerCase().replace(/:\d+$/, ""))
      .filter((it) => it !== undefined),
  );
  const list = await api.get<ApiAnswer<"kms-hosts">>("/api/v1/kms-hosts");
  const hosts = new Set(list?.items.map((it) => it.kms_host));
  const found: KmsHostDetail[] = [];
  for (const host of hosts) {
    const answer = await api.get<KmsHostDetail>(`/api/v1/kms-hosts/${encodeURIComponent(host)}`);
    if (!answer) continue;
    const isNamed = [host, host.split(".")[0]!, ...answer.aliases].some((it) => named.has(it));
    const hasIt = [...answer.table, ...answer.waiting, ...(answer.refused ?? [])].some(
      (it) => it.client_fqdn === computer,
    );
    if (isNamed || hasIt || host === computer) found.push(answer);
  }
  return found;
};

/** A KMS host tells clients apart by machine ID; the name alone serves where the client's own log is not known. */
const aboutClient = (computer: string, events: readonly NormalisedEvent[]): ((event: NormalisedEvent) => boolean) => {
  const ids = new Set(events.map((it) => it.client_machine_id).filter((it) => it !== undefined));
  return (event) =>
    (event.client_machine_id !== undefined && ids.has(event.client_machine_id)) ||
    event.client_fqdn?.toLowerCase() === computer;
};
