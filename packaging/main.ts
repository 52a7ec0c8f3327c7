import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { VERSION } from "../config/version.ts";
import { FIXED_DATE } from "./dates.ts";
import { packageAgent } from "./package.ts";
import { signerFrom } from "./sign.ts";

const HELP = `npm run -s package:windows -- [--out FILE] [--version X.Y.Z]

Makes the agent's MSI for Windows (x64) on Linux, by default dist/activation-monitor-agent-x64.msi.
Needs wixl and, to sign, osslsigncode (Debian: apt-get install wixl osslsigncode).

  ACTIVATION_SIGN_CERT   certificate chain (PEM): what is ours and the MSI are signed; node.exe keeps OpenJS's signature
  ACTIVATION_SIGN_KEY    its key: a PEM file, or a pkcs11: address with ACTIVATION_SIGN_PKCS11_MODULE
  ACTIVATION_SIGN_PASS_FILE, ACTIVATION_SIGN_TIMESTAMP   the key's password, the address of a time stamp service
  SOURCE_DATE_EPOCH      the time in the package (default: a fixed one); the same input gives the same bytes
`;

const packaged = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { out: { type: "string" }, version: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const root = fileURLToPath(new URL("..", import.meta.url));
  const out = resolve(values.out ?? join(root, "dist/activation-monitor-agent-x64.msi"));
  const signer = signerFrom(process.env);
  const terminal = process.stderr.isTTY === true;
  await packageAgent({
    root,
    out,
    version: values.version ?? VERSION,
    signer,
    sourceDateEpoch: Number(process.env.SOURCE_DATE_EPOCH ?? FIXED_DATE),
    progress: (text) => terminal && process.stderr.write(`\r${text} …\u001b[K`),
  });
  if (terminal) process.stderr.write("\r\u001b[K");
  const size = (statSync(out).size / 1e6).toFixed(1);
  process.stdout.write(`${relative(process.cwd(), out)}: ${size} MB, ${signer ? "signed" : "not signed"}\n`);
  return 0;
};

try {
  process.exitCode = await packaged();
} catch (cause) {
  process.stderr.write(`package:windows: ${(cause as Error).message}\n`);
  process.exitCode = (cause as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") ? 2 : 1;
}
