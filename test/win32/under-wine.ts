import { describe, test } from "@jest/globals";
import { type WineHome, wineHome } from "../support/wine.ts";

/** A suite that needs Wine. Where there can be none its tests are skipped, counted as such, and the reason is printed. */
export const underWine = (
  name: string,
  locales: readonly string[],
  suite: (parts: { home: WineHome; test: typeof test }) => void,
): void => {
  const home = wineHome(locales);
  if (typeof home === "string") {
    process.stderr.write(`SKIPPED, because it cannot be run here: ${name}. ${home}\n`);
    const nowhere: WineHome = { folder: "", nodeExe: "", koffiNode: "" };
    describe(`${name} (skipped: ${home})`, () => suite({ home: nowhere, test: test.skip as typeof test }));
  } else describe(`${name} under Wine`, () => suite({ home, test }));
};
