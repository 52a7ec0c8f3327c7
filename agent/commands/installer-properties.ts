import { registryText, removeRegistryValue } from "../win32/registry.ts";
import { SETUP_KEY, SETUP_VALUES } from "./service-names.ts";

export type InstallerProperties = Readonly<Record<keyof typeof SETUP_VALUES, string | undefined>>;

/**
 * What the installer was told, which it left in the registry: there no property is part of a command line. They are taken away,
 * so that none is found by a later installation. A property that was not given is undefined.
 */
export const takeInstallerProperties = (): InstallerProperties => {
  const names = Object.keys(SETUP_VALUES) as (keyof typeof SETUP_VALUES)[];
  const taken = names.map((name) => {
    const text = registryText(SETUP_KEY, name)?.replace(/^=/, "");
    removeRegistryValue(SETUP_KEY, name);
    return [name, text === "" ? undefined : text];
  });
  return Object.fromEntries(taken) as InstallerProperties;
};
