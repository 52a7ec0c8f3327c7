import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How a source names a thread's file: it has its starter's ending, `.ts` in a checkout, `.js` or `.cjs` in a package. */
const THREAD = /`\.\/([\w-]+)\$\{extname\(import\.meta\.url\)\}`/g;

/** The files below `folders` that threads run. They must be bundles of their own, beside the program. */
export const threadFiles = (root: string, folders: readonly string[]): string[] =>
  folders
    .flatMap((it) => globSync(`${it}/**/*.ts`, { cwd: root }))
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(THREAD)].map(([, name]) =>
        join(root, dirname(file), `${name}.ts`),
      ),
    );

/** The package's folder below node_modules; none for a source of ours. */
export const packageOf = (input: string): string[] => {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
  return folder === undefined ? [] : [folder];
};
