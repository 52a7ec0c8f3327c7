import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { VERSION } from "../config/version.ts";
import { PLATFORMS, packageArchive } from "./archive.ts";
import { FIXED_DATE } from "./dates.ts";
import { buildProgram } from "./program.ts";

const HELP = `npm run -s build                                    the npm package's program, in dist/program; npm pack calls it
npm run -s build -- --archive PLATFORM [--out FILE]  an archive with Node 24 for networks without a registry

  PLATFORM           ${PLATFORMS.join(", ")}
  SOURCE_DATE_EPOCH  the time in the archive (default: a fixed one); the same input gives the same bytes
`;

const built = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { archive: { type: "string" }, out: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  const root = fileURLToPath(new URL("..", import.meta.url));
  if (values.help) process.stdout.write(HELP);
  else if (values.archive === undefined) await buildProgram(root, join(root, "dist/program"), VERSION);
  else {
    const platform = PLATFORMS.find((it) => it === values.archive);
    if (!platform) {
      process.stderr.write(`build: --archive: write one of ${PLATFORMS.join(", ")}\n`);
      return 2;
    }
    const out = resolve(values.out ?? join(root, `dist/activation-monitor-${VERSION}-${platform}.tar.gz`));
    const sourceDateEpoch = Number(process.env.SOURCE_DATE_EPOCH ?? FIXED_DATE);
    await packageArchive({ root, out, platform, version: VERSION, sourceDateEpoch });
    process.stdout.write(`${relative(process.cwd(), out)}\n`);
  }
  return 0;
};

try {
  process.exitCode = await built();
} catch (cause) {
  process.stderr.write(`build: ${(cause as Error).message}\n`);
  process.exitCode = (cause as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") ? 2 : 1;
}
