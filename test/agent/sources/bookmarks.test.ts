import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openBookmarks } from "../../../agent/sources/bookmarks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bookmarks-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a bookmark is there after a restart", () => {
  openBookmarks(folder).save("Application", "<a/>");
  expect(openBookmarks(folder).load("Application")).toBe("<a/>");
});

test.each(["", "{", "null", "[1]", '{"Application":7}', "\u0000\u0000"])(
  "a file that is %j, as a power cut leaves one, is one without bookmarks; the next one is kept",
  (content) => {
    writeFileSync(join(folder, "bookmarks.json"), content);
    const bookmarks = openBookmarks(folder);
    expect(bookmarks.load("Application")).toBeUndefined();
    bookmarks.save("Application", "<a/>");
    expect(openBookmarks(folder).load("Application")).toBe("<a/>");
  },
);
