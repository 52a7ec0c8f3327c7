import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { FIXED_DATE } from "../../packaging/dates.ts";
import { shippedPackage } from "../../packaging/notices.ts";
import { releaseNotes } from "../../packaging/release-notes.ts";
import { billOfMaterials } from "../../packaging/sbom.ts";
import { ROOT } from "../support/cli.ts";

test("the bill of materials has what is shipped and nothing else, and is the same each time", () => {
  const shipped = ["fastify", "@opentelemetry/api", "zod"].map((it) => shippedPackage(ROOT, `node_modules/${it}`));
  const about = { version: "1.2.3", sourceDateEpoch: FIXED_DATE };
  const text = billOfMaterials(ROOT, shipped, about);
  const bom = JSON.parse(text);
  expect(bom).toMatchObject({
    bomFormat: "CycloneDX",
    serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
    metadata: { timestamp: "2020-01-01T00:00:00.000Z", component: { version: "1.2.3" } },
  });
  const names = bom.components.map((it: { purl: string }) => decodeURIComponent(it.purl).replace(/@[^@]*$/, ""));
  expect(names.sort()).toEqual(["pkg:npm/@opentelemetry/api", "pkg:npm/fastify", "pkg:npm/zod"]);
  for (const it of bom.components) expect(it.licenses.length).toBeGreaterThan(0);
  expect(billOfMaterials(ROOT, shipped, about)).toBe(text);
  expect(() => billOfMaterials(ROOT, [{ ...shipped[0]!, version: "0.0.1" }], about)).toThrow("fastify 0.0.1");
}, 60_000);

test("release notes are the version's section, or what is not released yet", () => {
  const text = "# Changelog\n\n## Unreleased\n\n### Added\n\n- b\n\n## 1.0.0 - 2026-01-01\n\n### Fixed\n\n- a\n";
  expect(releaseNotes(text, "1.0.0")).toBe("### Fixed\n\n- a\n");
  expect(releaseNotes(text, "1.1.0")).toBe("### Added\n\n- b\n");
  expect(() => releaseNotes("# Changelog\n", "1.1.0")).toThrow("no section for 1.1.0");
  const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(releaseNotes(readFileSync(join(ROOT, "CHANGELOG.md"), "utf8"), own.version)).toContain("### Added");
});
