import { accessSync, constants, readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileFailure } from "./file-failure.ts";
import { mapFiles, type Shape } from "./shape.ts";

/** `C:\…`, `C:/…` and `\\server\share`: absolute on Windows, whatever computer checks the configuration. */
const ON_WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/** File names that a configuration's text has, made absolute: they are relative to the folder of the file itself. */
export const fromItsFolder = (value: unknown, shape: Shape, file: string): unknown => {
  const folder = dirname(resolve(file));
  const absolute = (name: string) => (isAbsolute(name) || ON_WINDOWS.test(name) ? name : resolve(folder, name));
  return mapFiles(value, shape, (name, use) => {
    if (use !== "sqlite") return absolute(name);
    return name.startsWith("sqlite:") && name !== "sqlite::memory:" ? `sqlite:${absolute(name.slice(7))}` : name;
  });
};

/** Files of a configuration that cannot be read by the account that asks: key, file and reason. */
export const unreadableFiles = (value: unknown, shape: Shape): string[] => {
  const found: string[] = [];
  mapFiles(value, shape, (name, use, path) => {
    const foreign = ON_WINDOWS.test(name) && process.platform !== "win32";
    const reason = use === "read" && !foreign ? whyUnreadable(name) : undefined;
    if (reason !== undefined) found.push(`${path.join(".")}: ${name} cannot be read here: ${reason}`);
    return name;
  });
  return found;
};

const whyUnreadable = (file: string): string | undefined => {
  try {
    accessSync(file, constants.R_OK);
    return readFileSync(file).length === 0 ? "it is empty" : undefined;
  } catch (cause) {
    return fileFailure(cause as NodeJS.ErrnoException);
  }
};
