import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/cli.ts";

/** Folders that hold no source of ours. */
const SKIPPED = new Set(["node_modules", "dist", "data", "coverage"]);

/** Every source file and document of the repository, by its path from the root. */
export const sources = (extension: ".ts" | ".md", folder = ""): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((it) => {
    const path = folder ? `${folder}/${it.name}` : it.name;
    if (it.isDirectory()) return it.name.startsWith(".") || SKIPPED.has(it.name) ? [] : sources(extension, path);
    return it.name.endsWith(extension) ? [path] : [];
  });

export const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
