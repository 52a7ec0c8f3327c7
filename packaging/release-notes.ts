/**
 * The section of a version in CHANGELOG.md, without its heading; that of the changes that are not released yet while the
 * version has none.
 *
 * @throws Error when the changelog has neither.
 */
export const releaseNotes = (changelog: string, version: string): string => {
  const sections = changelog.split(/^## /m).slice(1);
  const found =
    sections.find((it) => it.startsWith(`${version} `)) ?? sections.find((it) => it.startsWith("Unreleased"));
  if (found === undefined) throw new Error(`CHANGELOG.md has no section for ${version}.`);
  return `${found.split("\n").slice(1).join("\n").trim()}\n`;
};
