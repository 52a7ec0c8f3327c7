import { isIPv4 } from "node:net";

/** Whether this address (or name, or host of a URL) is this computer only: what is sent there never leaves it. */
export const isLoopback = (host: string): boolean => {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || (isIPv4(bare) && bare.startsWith("127."));
};
