import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import { CODES } from "../licensing/codes/catalog.ts";

/** What every bundle of ours changes in the sources: the version inside, koffi's native module beside the program. */

/** The version is part of the bundle: package.json is not beside every program. */
export const versionInside = (version: string): Plugin => ({
  name: "version-inside",
  setup: ({ onLoad }) => {
    onLoad({ filter: /config[\\/]version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
      loader: "ts",
    }));
  },
});

/** koffi looks for its native module where a program says its resources are: `koffi/PLATFORM_ARCH/koffi.node` beside it. */
export const nativeBeside = (root: string): Plugin => ({
  name: "native-beside",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^koffi$/ }, () => ({ path: "koffi", namespace: "native-beside" }));
    onLoad({ filter: /.*/, namespace: "native-beside" }, () => ({
      contents: 'process.resourcesPath ??= __dirname; module.exports = require("koffi/indirect");',
      resolveDir: root,
    }));
  },
});

const REQUIRED_AT_RUN_TIME = 'createRequire(import.meta.url)("koffi")';

/**
 * The lock loads koffi synchronously, which esbuild does not see. Without this the program would run, and would have no lock.
 *
 * @throws Error (by the build) when the source is written in another way.
 */
export const koffiInLock: Plugin = {
  name: "koffi-in-lock",
  setup: ({ onLoad }) => {
    onLoad({ filter: /config[\\/]inode-lock\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes(REQUIRED_AT_RUN_TIME)) throw new Error(`${path} no longer has ${REQUIRED_AT_RUN_TIME}.`);
      return { contents: text.replace(REQUIRED_AT_RUN_TIME, 'require("koffi")'), loader: "ts" };
    });
  },
};

/**
 * Of the table of result codes an agent tells only the reason, in `agent once`: names, sentences and remedies in two languages,
 * which `explain` of the collector's package prints, are 60 KB of each agent's memory otherwise.
 */
export const reasonsAlone: Plugin = {
  name: "reasons-alone",
  setup: ({ onLoad }) => {
    onLoad({ filter: /licensing[\\/]codes[\\/]catalog\.ts$/ }, () => ({
      contents: `const REASON_OF = ${JSON.stringify(Object.fromEntries(CODES.map(([code, , reason]) => [code, reason])))};
export const codeRow = (code) => (Object.hasOwn(REASON_OF, code) ? [code, "", REASON_OF[code]] : undefined);`,
      loader: "js",
    }));
  },
};
