import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../neighbours/cli.ts";

let made: Promise<Map<string, Uint8Array>> | undefined;
export const bundle = (): Promise<Map<string, Uint8Array>> => {
  made ??= make();
  return made;
};

const make = async (): Promise<Map<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>();
  const entry = `
    import { parseArgs } from "node:util";
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { config: { type: "string" }, json: { type: "boolean", default: false } } });
    const commands = {
      run: async () => (await import("./agent/command.ts")).runAgent(values.config),
      once: async () => (await import("./agent/once.ts")).onceAgent(values, process.stdout),
      selftest: async () => (await import("./agent/selftest.ts")).selftest(values, process.stdout),
    };
    void commands[positionals[1]]().then((code) => { process.exitCode = code; });`;
  for (const [name, options] of [
    ["activation-monitor.cjs", { stdin: { contents: entry, resolveDir: ROOT } }],
    ["events-worker.cjs", { entryPoints: [join(ROOT, "agent/win32/events-worker.ts")] }],
    ["selftest-worker.cjs", { entryPoints: [join(ROOT, "agent/win32/selftest-worker.ts")] }],
    ["license-worker.cjs", { entryPoints: [join(ROOT, "agent/win32/license-worker.ts")] }],
  ] as [string, object][]) {
    const { outputFiles = [] } = await build({
      ...options,
      absWorkingDir: ROOT,
      bundle: true,
      platform: "node",
      target: "node24",
      format: "cjs",
      write: false,
      outfile: name,
      external: ["@opentelemetry/*"],
      define: { "import.meta.url": "__importMetaUrl" },
      banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
      plugins: [
        {
          name: "native",
          setup: ({ onResolve, onLoad }) => {
            onResolve({ filter: /^koffi$/ }, ({ resolveDir }) => ({ path: resolveDir, namespace: "native" }));
            onLoad({ filter: /.*/, namespace: "native" }, ({ path }) => ({
              contents: 'process.resourcesPath ??= __dirname; module.exports = require("koffi/indirect");',
              resolveDir: path,
            }));
            onLoad({ filter: /[\\/]agent[\\/].*\.ts$/ }, async ({ path }) => ({
              contents: (await import("node:fs"))
                .readFileSync(path, "utf8")
                .replaceAll(
                  /new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g,
                  'new URL("./$1.cjs", import.meta.url)',
                ),
              loader: "ts" as const,
            }));
          },
        },
      ],
    });
    files.set(name, outputFiles[0]!.contents);
  }
  return files;
};
