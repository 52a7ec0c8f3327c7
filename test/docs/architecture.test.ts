import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ROOT } from "../support/cli.ts";
import { sources, textOf } from "./sources.ts";

const ARCHITECTURE = textOf("ARCHITECTURE.md");
const DECISIONS = sources(".md", "docs/decisions");

const FOLDER = "(?:agent|alerts|cli|collector|config|dashboards|docs|licensing|offline|otlp|packaging|test)";
/** Paths as documents write them: `collector/ingest/ingest.ts`, `agent/spool/`. */
const pathsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(new RegExp(`\`(${FOLDER}/[\\w./-]*)\``, "g"))].map(([, it]) => it!)),
];
/** Links to other documents, from the folder of the document. */
const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, it]) => it!);

test.each(
  ["ARCHITECTURE.md", ...DECISIONS].flatMap((document) =>
    pathsIn(textOf(document)).map((path) => ({ document, path })),
  ),
)("$document names a path that exists: $path", ({ path }) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
});

test("ARCHITECTURE.md names the paths in backquotes", () => expect(pathsIn(ARCHITECTURE).length).toBeGreaterThan(60));

describe("every folder has its sentence", () => {
  const folders = ["agent", "collector", "licensing"].flatMap((top) => [
    `${top}/`,
    ...readdirSync(join(ROOT, top), { withFileTypes: true })
      .filter((it) => it.isDirectory() && it.name !== "products-seed")
      .map((it) => `${top}/${it.name}/`),
  ]);
  test.each(folders)("%s", (folder) => expect(ARCHITECTURE).toContain(`| \`${folder}\` `));
});

test("every decision is listed", () => {
  const listed = linksIn(ARCHITECTURE).filter((it) => it.startsWith("docs/decisions/"));
  expect(listed.sort()).toEqual(DECISIONS.sort());
});

test("the table of dependencies lists those of package.json and no others", () => {
  const known = ["package.json", "packaging/node/package.json", "test/postgresql/package.json"].flatMap((it) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(ROOT, it), "utf8"),
    ) as Record<string, Record<string, string>>;
    // The published package has no dependencies: what the program imports is bundled.
    expect(dependencies).toBeUndefined();
    return Object.keys({ ...devDependencies, ...optionalDependencies });
  });
  const table = ARCHITECTURE.slice(ARCHITECTURE.indexOf("## Dependencies"));
  const listed = table
    .split("\n")
    .filter((it) => it.startsWith("| `"))
    .flatMap((it) => [...it.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  expect(listed.sort()).toEqual(known.sort());
});

/** Documents at the top and in docs/. */
const DOCUMENTS = sources(".md").filter((it) => !it.startsWith("test/"));
test.each(DOCUMENTS)("the links of %s lead somewhere", (document) => {
  const folder = join(ROOT, document, "..");
  expect(linksIn(textOf(document)).filter((it) => !existsSync(join(folder, decodeURI(it))))).toEqual([]);
});
