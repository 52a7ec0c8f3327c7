import { isLoopback } from "../../config/loopback.ts";

/**
 * Against DNS rebinding: a page of another site that gives its own name this computer's address reaches a loopback listener, but
 * names itself in the Host header. Only loopback listeners ask, since they trust every client that reaches them.
 *
 * @returns undefined where every Host header is taken.
 */
export const hostHeaderCheck = (
  listenHost: string,
  allowedHosts: readonly string[],
): ((header: string | undefined) => boolean) | undefined => {
  if (!isLoopback(listenHost)) return undefined;
  const allowed = new Set(allowedHosts);
  return (header) => {
    // HTTP/1.0 has none, and no browser speaks it.
    if (header === undefined) return true;
    const host = header.replace(/:\d*$/, "").toLowerCase().replace(/\.$/, "");
    return isLoopback(host) || allowed.has(host);
  };
};

export const wrongHost = (section: string): string =>
  `The Host header names another computer; list the name in ${section}.allowed_hosts if a proxy on this computer uses it.`;
