import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Ran, ROOT } from "../support/cli.ts";

/** `npm run package:windows`, as a person would run it, into `folder`. */
export const packaged = async (
  folder: string,
  {
    version = "0.1.0",
    name = "agent.msi",
    env = {},
  }: { version?: string; name?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran & { msi: string }> => {
  const msi = join(folder, name);
  const child = spawn(process.execPath, [`${ROOT}packaging/main.ts`, "--out", msi, "--version", version], {
    env: { ...process.env, ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (it) => {
    out += it;
  });
  child.stderr.on("data", (it) => {
    err += it;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err, msi };
};

/** The MSI's path. @throws Error with what was said, when there is none. */
export const packagedAgent = async (folder: string, version: string): Promise<string> => {
  const { code, err, msi } = await packaged(folder, { version, name: `agent-${version}.msi` });
  if (code !== 0) throw new Error(err);
  return msi;
};
