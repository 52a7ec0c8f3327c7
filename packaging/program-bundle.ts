import { basename, join } from "node:path";
import { build, stop } from "esbuild";
import { koffiInLock, nativeBeside, versionInside } from "./esbuild-plugins.ts";
import { packageOf, threadFiles } from "./thread-files.ts";

/** The whole command as modules: one for what all commands need, one for each thread, the rest loaded when a command needs it. */
export interface ProgramBundle {
  /** By file name; all lie in one folder. `main.js` is the program. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Folders of the packages whose code is in it, relative to the repository. */
  readonly packages: readonly string[];
}

/** Packages that are CommonJS use these, and an ES module has none of them. */
const COMMONJS = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
].join("");

/**
 * Bundles `cli/main.ts` and every thread. Names stay as they are, so that a stack trace can be read; space and syntax are
 * pressed.
 */
export const bundleProgram = async (root: string, version: string): Promise<ProgramBundle> => {
  const entries = [join(root, "cli/main.ts"), ...threadFiles(root, ["agent", "collector"])];
  const { outputFiles, metafile } = await build({
    entryPoints: Object.fromEntries(entries.map((it) => [basename(it, ".ts"), it])),
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    write: false,
    outdir: "dist",
    chunkNames: "chunk-[hash]",
    logLevel: "error",
    // winston and what it stands on load helpers for developers unless told otherwise.
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: COMMONJS },
    plugins: [versionInside(version), nativeBeside(root), koffiInLock],
  }).finally(stop);
  return {
    files: new Map(outputFiles.map((it) => [basename(it.path), it.contents])),
    packages: [...new Set(Object.keys(metafile.inputs).flatMap(packageOf))].sort(),
  };
};
