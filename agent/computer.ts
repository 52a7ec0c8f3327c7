import { hostname, release, type } from "node:os";
import type { Computer } from "../licensing/telemetry/otlp-mapping.ts";
import type { AgentConfig } from "./config.ts";

/** The name under which this computer reports: on Windows the one that stands in its events. */
export const ownHost = async ({ host }: Pick<AgentConfig, "host">): Promise<string> => {
  if (host !== undefined) return host;
  const own = process.platform === "win32" ? (await import("./win32/own-computer.ts")).ownName() : "";
  return own || hostname().toLowerCase();
};

/** The computer a record is about, as its resource: only of its own does an agent know system and version. */
export const computerOf = (
  about: string,
  { host, instanceId, version, zone }: { host: string; instanceId: string; version: string; zone: string | undefined },
): Computer => ({
  host: about,
  instanceId,
  agentVersion: version,
  ...(zone !== undefined && { zone }),
  ...(about === host && { osType: type() === "Windows_NT" ? "windows" : type().toLowerCase(), osVersion: release() }),
});
