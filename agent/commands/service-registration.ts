import { resolve } from "node:path";
import type { Registration } from "../win32/service-manager.ts";
import { CLEARED_VARIABLES, DISPLAY_NAME, NODE_FLAGS, SERVICE_NAME } from "./service-names.ts";

const DESCRIPTION =
  "Reads this computer's volume license state and licensing events and reports them to the organisation's collector.";

/** One thread of libuv's pool is the service dispatcher's, and names that DNS does not answer hold others. */
const ENVIRONMENT = [...CLEARED_VARIABLES.map((it) => `${it}=`), "UV_THREADPOOL_SIZE=8"];

/** The service as it is to be, with this command line and account. */
export const registrationOf = (it: Pick<Registration, "command" | "account">): Registration => ({
  name: SERVICE_NAME,
  displayName: DISPLAY_NAME,
  description: DESCRIPTION,
  environment: ENVIRONMENT,
  ...it,
});

/** What the service manager starts. */
export const commandLine = (config: string): string =>
  [
    `"${process.execPath}"`,
    ...NODE_FLAGS,
    `"${resolve(process.argv[1] ?? "")}"`,
    "agent run --service --config",
    `"${config}"`,
  ].join(" ");

/** @throws Error elsewhere. */
export const onlyOnWindows = (command: string): void => {
  if (process.platform === "win32") return;
  throw new Error(
    `agent ${command} is about the Windows service, and this is ${process.platform}; run the agent with: activation-monitor agent run --config agent.yaml`,
  );
};
