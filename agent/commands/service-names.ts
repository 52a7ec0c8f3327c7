import { join } from "node:path";

/** Names that Windows, the package and the documentation know the agent by. */
export const SERVICE_NAME = "activation-monitor";
export const DISPLAY_NAME = "Activation Monitor Agent";

/** Where configuration, token, spool and log lie on Windows: `%ProgramData%\activation-monitor`. */
export const dataFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  join(environment.ProgramData ?? "C:\\ProgramData", SERVICE_NAME);

/** Under HKEY_LOCAL_MACHINE: the installed version. */
export const REGISTRY_KEY = `SOFTWARE\\${SERVICE_NAME}`;
/** Where the installer leaves its properties for `agent install`, which takes them away. */
export const SETUP_KEY = `${REGISTRY_KEY}\\Setup`;
/** Values there, and the property that each one has behind an equals sign: a text that begins with # means a number there. */
export const SETUP_VALUES = {
  CollectorUrl: "COLLECTORURL",
  Zone: "ZONE",
  TokenFile: "TOKENFILE",
  CaFile: "CAFILE",
  Account: "SERVICEACCOUNT",
  PresentAccount: "PRESENTACCOUNT",
} as const;
/** Where the service manager keeps the service. */
export const SERVICE_KEY = `SYSTEM\\CurrentControlSet\\Services\\${SERVICE_NAME}`;

/**
 * Variables that change how Node works, emptied for the service and the command: those of a developer's computer are not for
 * the agent. An option that this Node does not know would stop it, another would switch the check of certificates off.
 */
export const CLEARED_VARIABLES = [
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_EXTRA_CA_CERTS",
  "NODE_V8_COVERAGE",
  "NODE_DEBUG",
  "OPENSSL_CONF",
];

/**
 * How the service runs Node: a young generation of one megabyte instead of sixteen, code that is interpreted and small rather
 * than compiled and fast, and a bound that ends a leak by a restart. docs/performance.md tells what each one is worth.
 */
export const NODE_FLAGS = [
  "--max-semi-space-size=1",
  "--optimize-for-size",
  "--max-old-space-size=128",
  // No compiler runs: an agent works some seconds a day, and compiled code stays in memory.
  "--no-sparkplug",
  "--no-maglev",
  "--no-opt",
  // The collector's CA is where administrators put it: in Windows' certificate store. Read at the first TLS connection.
  "--use-system-ca",
];
