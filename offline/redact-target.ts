import { isIP } from "node:net";
import type { Pseudonyms } from "./pseudonyms.ts";

/**
 * Where something is to be reached, without its name: `kms01.contoso.com:1688`, `[2001:db8::1]:1688`, an address alone,
 * `_vlmcs._tcp.contoso.com`. The port and the service stay.
 */
export const redactTarget = (text: string, names: Pseudonyms): string => {
  const target = text.trim();
  const [, service, domain] = /^(_vlmcs\._tcp\.)(.*)$/is.exec(target) ?? [];
  if (service !== undefined) return `${service}${names.domain(domain!)}`;
  if (isIP(target)) return names.name(target);
  const [, bracketed, host = "", port = ""] = /^(?:\[(.*)\]|(.*?))(:\d{1,5})?$/s.exec(target) ?? [];
  const name = bracketed ?? host;
  return `${name && names.name(name)}${port}`;
};
