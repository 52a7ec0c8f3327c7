import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package whose code or program is in what we publish. */
export interface Shipped {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** The text of its license; empty where the package has none. */
  readonly text: string;
}

/** Reads name, version and license of a package from its folder, relative to `root`. */
export const shippedPackage = (root: string, folder: string): Shipped => {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<
    "name" | "version" | "license",
    string
  >;
  const file = readdirSync(join(root, folder)).find((it) => /^licen[cs]e/i.test(it));
  const text = file === undefined ? "" : readFileSync(join(root, folder, file), "utf8").trim();
  // The npm packages of Node are named by platform.
  return { name: /^node-(linux|win)-/.test(name) ? "Node.js" : name, version, license, text };
};

/** The licenses of everything that is in a package, as one text with the line ends of its platform. */
export const noticesText = (shipped: readonly Shipped[], lineEnd: "\n" | "\r\n"): string =>
  shipped
    .map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`)
    .join(`\n${"-".repeat(78)}\n\n`)
    .replaceAll(/\r?\n/g, lineEnd);
