import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect } from "@jest/globals";
import { ENGLISH, openWine, type Wine } from "../support/wine.ts";
import { underWine } from "../win32/under-wine.ts";
import { packagedAgent } from "./packaged.ts";

const OURS = ["RemoveExistingProducts", "RemoveAgent", "PurgeAgent", "ConfigureAgent", "RepairAgent"];
/** What Windows Installer says to the old version while a newer one takes its place. */
const UPGRADED = "UPGRADINGPRODUCTCODE={00000000-0000-0000-0000-000000000001}";

underWine(
  "Actions of the MSI, by Windows Installer's own evaluation of its conditions",
  [ENGLISH],
  ({ home, test }) => {
    let wine: Wine;
    afterEach(() => wine?.close());

    test("an upgrade in one step keeps service and data, a removal for good does not, a repair configures nothing", async () => {
      wine = await openWine(home, ENGLISH);
      execFileSync("x86_64-w64-mingw32-gcc", [
        ...["-municode", "-Wall", "-Werror", "-o", join(wine.folder, "msi-actions.exe")],
        ...[fileURLToPath(new URL("mock/msi-actions.c", import.meta.url)), "-lmsi"],
      ]);
      await packagedAgent(wine.folder, "0.3.0");
      const run = async (...properties: string[]) => {
        const file = "Z:\\computer\\agent-0.3.0.msi";
        const { code, out } = await wine.run(["Z:\\computer\\msi-actions.exe", file, ...properties]);
        expect({ code, out }).toMatchObject({ code: 0, out: expect.not.stringContaining("error") });
        const actions = out.split(/\r?\n/);
        return OURS.filter((it) => actions.includes(it));
      };
      expect(await run()).toEqual(["RemoveExistingProducts", "ConfigureAgent"]);
      expect(await run("Installed=1")).toEqual(["RepairAgent"]);
      expect(await run("Installed=1", "REMOVE=ALL")).toEqual(["RemoveAgent"]);
      expect(await run("Installed=1", "REMOVE=ALL", "PURGE=1")).toEqual(["RemoveAgent", "PurgeAgent"]);
      // The old version's part of an upgrade in one step, with the data's removal asked for as well.
      expect(await run("Installed=1", "REMOVE=ALL", UPGRADED)).toEqual([]);
      expect(await run("Installed=1", "REMOVE=ALL", "PURGE=1", UPGRADED)).toEqual([]);
    }, 120_000);
  },
);
