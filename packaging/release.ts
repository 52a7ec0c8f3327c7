import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../config/version.ts";
import { PLATFORMS, packageArchive } from "./archive.ts";
import { run } from "./locked.ts";
import { noticesText, shippedPackage } from "./notices.ts";
import { packageAgent } from "./package.ts";
import { buildProgram } from "./program.ts";
import { releaseNotes } from "./release-notes.ts";
import { billOfMaterials } from "./sbom.ts";
import { signerFrom } from "./sign.ts";

/**
 * `npm run release`: everything that is published of a version, in dist/release, with checksums. The same commit gives the same
 * bytes; docs/releasing.md tells the steps before and after. ACTIVATION_SIGN_HOOK, a program, is called with SHA256SUMS.
 */
const release = async (): Promise<void> => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const out = join(root, "dist/release");
  const name = `activation-monitor-${VERSION}`;
  const sourceDateEpoch = Number(
    process.env.SOURCE_DATE_EPOCH ?? run("git", ["log", "-1", "--format=%ct"], { cwd: root }).trim(),
  );
  const say = (text: string) => process.stderr.write(`${text} …\n`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });

  say("Program and npm package");
  const packages = await buildProgram(root, join(root, "dist/program"), VERSION);
  run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", out], { cwd: root });
  for (const platform of PLATFORMS) {
    say(`Archive for ${platform}`);
    const archive = join(out, `${name}-${platform}.tar.gz`);
    await packageArchive({ root, out: archive, platform, version: VERSION, sourceDateEpoch });
  }
  say("MSI");
  const msi = join(out, `activation-monitor-agent-${VERSION}-x64.msi`);
  const signer = signerFrom(process.env);
  await packageAgent({ root, out: msi, version: VERSION, signer, sourceDateEpoch, progress: () => {} });

  say("Rules and dashboards");
  const generated = join(root, "dist/generated", name);
  rmSync(join(root, "dist/generated"), { recursive: true, force: true });
  const program = join(root, "dist/program/main.js");
  run(process.execPath, [program, "alerts", "build", "--out", join(generated, "prometheus")]);
  run(process.execPath, [program, "dashboards", "build", "--out", join(generated, "grafana")]);
  const fixed = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=@${sourceDateEpoch}`];
  const monitoring = join(out, `${name}-monitoring.tar`);
  run("tar", [...fixed, "--mode=u=rwX,go=rX", "-C", join(root, "dist/generated"), "-cf", monitoring, name]);
  run("gzip", ["-6nf", monitoring]);

  say("Bill of materials, notices, notes, checksums");
  const shipped = packages.map((it) => shippedPackage(root, it));
  writeFileSync(join(out, `${name}.cdx.json`), billOfMaterials(root, shipped, { version: VERSION, sourceDateEpoch }));
  writeFileSync(join(out, "THIRD-PARTY-NOTICES.txt"), noticesText(shipped, "\n"));
  writeFileSync(join(out, "RELEASE-NOTES.md"), releaseNotes(readFileSync(join(root, "CHANGELOG.md"), "utf8"), VERSION));
  const sums = readdirSync(out)
    .sort()
    .map(
      (it) =>
        `${createHash("sha256")
          .update(readFileSync(join(out, it)))
          .digest("hex")}  ${it}\n`,
    );
  writeFileSync(join(out, "SHA256SUMS"), sums.join(""));
  signed(join(out, "SHA256SUMS"));
  process.stdout.write(`${relative(process.cwd(), out)}: ${sums.length} files and SHA256SUMS\n`);
};

/** A program of the one who releases, which writes a signature beside the file. */
const signed = (file: string): void => {
  const hook = process.env.ACTIVATION_SIGN_HOOK;
  if (!hook) return;
  const { status, error } = spawnSync(hook, [file], { stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${hook} ended with ${status}; nothing is signed.`);
};

try {
  await release();
} catch (cause) {
  process.stderr.write(`release: ${(cause as Error).message}\n`);
  process.exitCode = 1;
}
