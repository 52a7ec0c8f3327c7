import { expect, test } from "@jest/globals";
import { sources, textOf } from "./sources.ts";

const HEADINGS = [...textOf("docs/counting-rules.md").matchAll(/^## (.+)$/gm)].map(([, it]) => it!);

/** Comments are wrapped: a citation may continue on the next line, behind its ` * ` or `//`. */
const unwrapped = (text: string): string => text.replaceAll(/\n\s*(\*|\/\/)\s*/g, " ");

const CITATIONS = [...sources(".ts"), ...sources(".md")].flatMap((path) =>
  [...unwrapped(textOf(path)).matchAll(/docs\/counting-rules\.md, "([^"]+)"/g)].map(([, heading]) => ({
    path,
    heading: heading!,
  })),
);

test("comments cite the counting rules by heading", () => expect(CITATIONS.length).toBeGreaterThan(20));

test.each(CITATIONS)("$path cites a heading that is there: $heading", ({ heading }) => {
  expect(HEADINGS).toContain(heading);
});

test("no comment cites a counting rule by its number", () => {
  const numbered = sources(".ts").filter((path) => /\b[Rr]ules? \d/.test(textOf(path)));
  expect(numbered).toEqual([]);
});
