import { createHash } from "node:crypto";
import { run } from "./locked.ts";
import type { Shipped } from "./notices.ts";

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly "bom-ref": string;
}

interface Bom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/**
 * The bill of materials as CycloneDX, made by `npm sbom` of the locked packages and reduced to those that are in what we publish.
 * The same packages give the same text: npm's random serial number and its time are replaced.
 *
 * @throws Error when npm fails, or a package that is shipped is not locked.
 */
export const billOfMaterials = (
  root: string,
  shipped: readonly Shipped[],
  { version, sourceDateEpoch }: { readonly version: string; readonly sourceDateEpoch: number },
): string => {
  const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
  const bom = JSON.parse(run("npm", args, { cwd: root })) as Bom;
  const nameOf = ({ group, name }: Component) => (group ? `${group}/${name}` : name);
  const wanted = new Map(shipped.map((it) => [`${it.name} ${it.version.replace(/^v/, "")}`, it]));
  const components = bom.components.filter((it) => wanted.has(`${nameOf(it)} ${it.version}`));
  const found = new Set(components.map((it) => `${nameOf(it)} ${it.version}`));
  const missing = [...wanted.keys()].filter((it) => !found.has(it));
  if (missing.length > 0) throw new Error(`npm sbom does not know ${missing.join(", ")}, which are in the package.`);
  const refs = new Set(components.map((it) => it["bom-ref"]));
  const own = { ...bom.metadata.component, version };
  const hash = createHash("sha256")
    .update(JSON.stringify([own, components]))
    .digest("hex");
  const serial = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
  return `${JSON.stringify(
    {
      ...bom,
      serialNumber: `urn:uuid:${serial}`,
      metadata: { ...bom.metadata, timestamp: new Date(sourceDateEpoch * 1_000).toISOString(), component: own },
      components,
      dependencies: bom.dependencies
        .filter((it) => refs.has(it.ref))
        .map((it) => ({ ...it, dependsOn: (it.dependsOn ?? []).filter((ref) => refs.has(ref)) })),
    },
    null,
    2,
  )}\n`;
};
