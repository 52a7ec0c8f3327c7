import { join } from "node:path";

/** Names that Windows, the package and the documentation know the agent by. */
export const SERVICE_NAME = "activation-monitor";
export const DISPLAY_NAME = "Activation Monitor Agent";

/** Where configuration, token, spool and log lie on Windows: `%ProgramData%\activation-monitor`. */
export const dataFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  join(environment.ProgramData ?? "C:\\ProgramData", SERVICE_NAME);

/** Under HKEY_LOCAL_MACHINE: the account that the installer was told, for upgrades and repairs. */
export const REGISTRY_KEY = `SOFTWARE\\${SERVICE_NAME}`;
export const ACCOUNT_VALUE = "ServiceAccount";

/**
 * How the service runs Node: a young generation of one megabyte instead of sixteen, code that is small rather than fast, and a
 * bound that ends a leak by a restart. What they are worth is measured by `npm run bench:agent`.
 */
export const NODE_FLAGS = [
  "--max-semi-space-size=1",
  "--optimize-for-size",
  "--max-old-space-size=128",
  // The collector's CA is where administrators put it: in Windows' certificate store. Read at the first TLS connection.
  "--use-system-ca",
];
