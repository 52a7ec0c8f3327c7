// `npm run cli` in a checkout: main.ts, with what Node keeps of stripping its types; see the same words there. Before main.ts,
// so that nothing at all is left to strip.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../../node_modules/.cache/compiled/", import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);
await import("../main.ts");
