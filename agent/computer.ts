import { randomUUID } from "node:crypto";
import { hostname, networkInterfaces, release, type } from "node:os";
import { tellingAddresses } from "../licensing/networks.ts";
import type { Computer } from "../licensing/telemetry/otlp-mapping.ts";
import type { AgentConfig } from "./config.ts";

/** The name under which this computer reports: on Windows the one that stands in its events. */
export const hostName = async ({ host }: Pick<AgentConfig, "host">): Promise<string> => {
  if (host !== undefined) return host;
  const own = process.platform === "win32" ? (await import("./win32/own-computer.ts")).ownName() : "";
  return own || hostname().toLowerCase();
};

/** The computer a record is about, as its resource: of others the agent knows neither zone nor system. */
export const computerOf = (
  about: string,
  { host, instanceId, version, zone }: { host: string; instanceId: string; version: string; zone: string | undefined },
): Computer => ({
  host: about,
  instanceId,
  agentVersion: version,
  ...(about === host && zone !== undefined && { zone }),
  ...(about === host && { addresses: ownAddresses() }),
  ...(about === host && { osType: type() === "Windows_NT" ? "windows" : type().toLowerCase(), osVersion: release() }),
});

/** The addresses of this computer's interfaces now; laptops change them. */
const ownAddresses = (): string[] =>
  tellingAddresses(
    Object.values(networkInterfaces()).flatMap((them = []) =>
      them.filter((it) => !it.internal).map((it) => it.address),
    ),
  );

/** What readings of Windows say about computers. */
export interface WindowsFacts {
  /** Whether this computer, or one of its targets, is a KMS host, as far as was read. */
  isKmsHost(): boolean;
  systemOf(host: string): Partial<Computer> | undefined;
}

/** The computers that this agent reports. */
export interface Computers {
  readonly host: string;
  /** The resource of a computer's records. */
  resourceOf(about: string): Computer;
  /** undefined where Windows is not read. */
  isKmsHost(): boolean | undefined;
  learnFrom(windows: WindowsFacts): void;
}

export const newComputers = ({ zone }: Pick<AgentConfig, "zone">, host: string, version: string): Computers => {
  const instanceId = randomUUID();
  let windows: WindowsFacts | undefined;
  return {
    host,
    resourceOf: (about) => ({
      ...computerOf(about, { host, instanceId, version, zone }),
      ...windows?.systemOf(about),
    }),
    isKmsHost: () => windows?.isKmsHost(),
    learnFrom: (it) => {
      windows = it;
    },
  };
};
