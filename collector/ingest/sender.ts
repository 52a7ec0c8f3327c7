import { isComputerName, KMS_CHANNEL } from "../../licensing/events/normalise.ts";
import type { Fact } from "../../licensing/facts.ts";
import { globOf } from "../../licensing/zones.ts";

/** Who sends the records of one resource, after what its certificate or token says. */
export interface Sender {
  /** The computer that reports; undefined where the resource names none. */
  readonly host?: string;
  /** May it report events of other computers? */
  readonly forwarder: boolean;
  /** The resource gives a former name of `host`: what it holds beside events is no present state. */
  readonly formerName?: string;
}

/** What a resource says of itself. */
interface Reported {
  /** Its `host.name`, in lower case. */
  readonly host: string | undefined;
  /** Whether our own agent sends, and events are among the records. */
  readonly agentEvents: () => boolean;
}

/** May this computer, or a sender that names none, report events of other computers? */
export type IsForwarder = (host: string | undefined) => boolean;

/**
 * Matches what a resource says of itself with the computers that its sender may report for: names in a client certificate, names
 * and patterns of a token; undefined where neither says anything.
 */
export const senderOf = (
  { host: reported, agentEvents }: Reported,
  allowed: readonly string[] | undefined,
  isForwarder: IsForwarder,
): Sender | { readonly forbidden: string } => {
  if (allowed === undefined) return { ...named(reported), forwarder: isForwarder(reported) };
  if (allowed.some(isForwarder)) return { ...named(reported), forwarder: true };
  const host = allowedHost(reported, allowed);
  if (host !== undefined) return { host, forwarder: false };
  const present = agentEvents() ? presentName(reported, allowed) : undefined;
  if (present !== undefined) return { host: present, forwarder: false, formerName: reported! };
  const names = allowed.join(", ").slice(0, 500) || "no computer";
  return {
    forbidden: `The client certificate or token is for ${names}, and this reports as ${reported ?? "no computer (no host.name)"}; list its name in otlp.forwarders if it may.`,
  };
};

const named = (host: string | undefined) => (host === undefined ? {} : { host });

/** The one computer that is meant: a name that is allowed, a short name whose FQDN is, or, without a name, the only one allowed. */
const allowedHost = (reported: string | undefined, allowed: readonly string[]): string | undefined => {
  const names = allowed.filter((it) => !/[*?]/.test(it));
  if (reported === undefined) return names.length === 1 && allowed.length === 1 ? names[0] : undefined;
  if (allowed.some((it) => matchesName(it, reported))) return reported;
  const longer = names.filter((it) => isShortOf(reported, it));
  return longer.length === 1 ? longer[0] : undefined;
};

/**
 * Agents of the first versions report a log's old records under the name that they carry: one without a domain, from before the
 * computer joined it. They can only be the one computer's that the certificate names.
 */
const presentName = (reported: string | undefined, allowed: readonly string[]): string | undefined => {
  const [only, ...others] = allowed;
  if (!reported || reported.includes(".") || !only || others.length > 0) return undefined;
  return isComputerName(only) && only.includes(".") ? only : undefined;
};

/** Whether a name, or a pattern with `*`, is this computer's. */
export const matchesName = (pattern: string, host: string): boolean =>
  /[*?]/.test(pattern) ? globOf(pattern).test(host) : pattern === host;

const isShortOf = (short: string, fqdn: string): boolean => !short.includes(".") && fqdn.startsWith(`${short}.`);
const firstLabel = (name: string): string => name.split(".", 1)[0]!;

interface RecordSender {
  readonly fact: Fact;
  /** The computer that an event names; undefined for records that say nothing of their own. */
  readonly computer: string | undefined;
  /**
   * Whether our own agent sends: it reports its own computer's events, whatever former name they carry, under the computer's
   * present name, and forwarded ones under their computer's.
   */
  readonly agent: boolean;
  /** The record says that the event stands in a log of the resource's own host. */
  readonly ownChannel: boolean;
}

/** Whose record this is. Names of computers are compared in lower case. */
export const hostOfRecord = (
  { host, forwarder, formerName }: Sender,
  { fact, computer, agent, ownChannel }: RecordSender,
): { readonly host: string } | { readonly refused: string } => {
  if (formerName !== undefined && fact.kind !== "event")
    return { refused: `${host} may not report as ${formerName}; set its host.name, or list it in otlp.forwarders` };
  if (fact.kind !== "event" || computer === undefined)
    return host === undefined
      ? { refused: "the resource has no host.name, so it is not known whose state this is" }
      : { host };
  if (computer === host || (ownChannel && host !== undefined)) return { host };
  if (host !== undefined && isShortOf(host, computer)) return { host: computer };
  if (host !== undefined && agent && isComputerName(computer)) {
    const formerName = !computer.includes(".") || firstLabel(computer) === firstLabel(host);
    // A log of KMS requests under another full name is a forged or a forwarded one.
    if (formerName || (!forwarder && !isKmsHostEvent(fact))) return { host };
  }
  if (forwarder) return { host: computer };
  return {
    refused:
      host === undefined
        ? `the resource has no host.name, or one that is no computer's name, so it may not report events of ${computer.slice(0, 100)}`
        : `${host} may not report events of ${computer.slice(0, 100)}; list it in otlp.forwarders`,
  };
};

const isKmsHostEvent = ({ channel, eventId }: Extract<Fact, { kind: "event" }>): boolean =>
  channel === KMS_CHANNEL || (eventId >= 12_290 && eventId <= 12_294);
