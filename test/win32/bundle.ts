import { type Bundle, bundleAgent } from "../../packaging/bundle.ts";
import { ROOT } from "../support/cli.ts";

let made: Promise<Bundle> | undefined;
/** What the package ships, made once a test file. */
export const bundle = async (): Promise<Bundle["files"]> => {
  made ??= bundleAgent(ROOT, "0.0.0");
  return (await made).files;
};
