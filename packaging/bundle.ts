import { basename, join } from "node:path";
import { build, type Metafile, type Plugin, stop } from "esbuild";
import { nativeBeside, reasonsAlone, versionInside } from "./esbuild-plugins.ts";
import { packageOf, threadFiles } from "./thread-files.ts";

/** What Windows runs: one file, and OpenTelemetry's SDK as a second one, which is loaded only when it is asked for. */
export interface Bundle {
  /** By file name, relative to the program's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Folders of the packages whose code is in it. */
  readonly packages: readonly string[];
  /** Source files by bundle, relative to the repository. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

export const PROGRAM = "activation-monitor.cjs";
const TELEMETRY = "opentelemetry.cjs";

/**
 * One CommonJS file costs an agent a third less memory than modules do, and half the time to start. Names stay as they are,
 * so that what runs on a fleet can be read; only space and syntax are pressed, which V8 would otherwise keep in memory.
 */
export const bundleAgent = async (root: string, version: string): Promise<Bundle> => {
  const making = Promise.all([
    bundled(root, PROGRAM, { in: join(root, "agent/main.ts") }, [
      telemetryApart,
      versionInside(version),
      nativeBeside(root),
      reasonsAlone,
    ]),
    bundled(root, TELEMETRY, { text: TELEMETRY_EXPORTS, in: root }, []),
    ...threadFiles(root, ["agent"]).map((it) =>
      bundled(root, `${basename(it, ".ts")}.cjs`, { in: it }, [versionInside(version), nativeBeside(root)]),
    ),
  ]);
  // esbuild is a process of its own, which would stay as long as this one.
  const bundles = await making.finally(stop);
  return {
    files: new Map(bundles.map(({ name, bytes }) => [name, bytes])),
    packages: [...new Set(bundles.flatMap(({ meta }) => Object.keys(meta.inputs).flatMap(packageOf)))].sort(),
    sources: new Map(bundles.map(({ name, meta }) => [name, Object.keys(meta.inputs).sort()])),
  };
};

const TELEMETRY_EXPORTS =
  'export { NodeSDK } from "@opentelemetry/sdk-node"; export { metrics, trace, SpanStatusCode } from "@opentelemetry/api";';

const bundled = async (
  root: string,
  name: string,
  entry: { readonly in: string; readonly text?: string },
  plugins: Plugin[],
): Promise<{ name: string; bytes: Uint8Array; meta: Metafile }> => {
  const { outputFiles, metafile } = await build({
    ...(entry.text === undefined
      ? { entryPoints: [entry.in] }
      : { stdin: { contents: entry.text, resolveDir: entry.in, sourcefile: name } }),
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    write: false,
    outfile: name,
    logLevel: "error",
    // CommonJS has no import.meta; the file's own address does the same.
    // winston and what it stands on load helpers for developers (colours, their own streams) unless told otherwise.
    define: { "import.meta.url": "__importMetaUrl", "process.env.NODE_ENV": '"production"' },
    banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
    plugins,
  });
  return { name, bytes: outputFiles[0]!.contents, meta: metafile };
};

/** `import("@opentelemetry/…")` becomes a file of its own beside the program. */
const telemetryApart: Plugin = {
  name: "telemetry-apart",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@opentelemetry\// }, () => ({ path: `./${TELEMETRY}`, external: true }));
  },
};
