/**
 * One known product. `need` is how many clients a KMS host must count before it activates the product; it is absent where it
 * is not confirmed, and for KMS host keys. Rows come from Microsoft's key configuration tables and pages, except those marked
 * `unconfirmed`: several public product tables agree on them (looked up in November 2026), but no page of Microsoft names
 * them.
 */
export type SeedRow = readonly [
  activationId: string,
  name: string,
  application: "windows" | "office" | "office2010",
  need?: 5 | 25 | undefined,
  mark?: "unconfirmed",
];
