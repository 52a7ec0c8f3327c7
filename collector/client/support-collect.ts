import { EVENT_NAMES, type NormalisedEvent } from "../../licensing/events/names.ts";
import type { ApiClient } from "./api-client.ts";

interface ComputerAnswer {
  readonly computer: string;
  readonly licenses: readonly { readonly kms_host?: string }[];
}
interface KmsHostAnswer {
  readonly kms_host: string;
  readonly aliases: readonly string[];
  readonly table: readonly { readonly client_fqdn?: string }[];
  readonly waiting: readonly { readonly client_fqdn?: string }[];
  readonly refused?: readonly { readonly client_fqdn?: string }[];
}

/** What a collector knows of one computer and of the KMS hosts that it used. */
export interface Collected {
  readonly computer: ComputerAnswer;
  readonly kmsHosts: readonly KmsHostAnswer[];
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
const computerNamed = async (api: ApiClient, name: string): Promise<ComputerAnswer> => {
  const known = await api.get<ComputerAnswer>(`/api/v1/computers/${encodeURIComponent(name)}`);
  if (known) return known;
  const like: ComputerAnswer[] = [];
  for await (const it of api.all<ComputerAnswer>("/api/v1/computers", { q: `${name}.` }))
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
  { computer, licenses }: ComputerAnswer,
  events: readonly NormalisedEvent[],
): Promise<KmsHostAnswer[]> => {
  const named = new Set(
    [...licenses, ...events]
      .map((it) => it.kms_host?.toLowerCase().replace(/:\d+$/, ""))
      .filter((it) => it !== undefined),
  );
  const list = await api.get<{ items: { kms_host: string }[] }>("/api/v1/kms-hosts");
  const hosts = new Set(list?.items.map((it) => it.kms_host));
  const found: KmsHostAnswer[] = [];
  for (const host of hosts) {
    const answer = await api.get<KmsHostAnswer>(`/api/v1/kms-hosts/${encodeURIComponent(host)}`);
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
