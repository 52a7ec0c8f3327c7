import { createHash } from "node:crypto";
import * as z from "zod";

export const FORMAT = "activation-monitor-bundle";
/** Raised when a bundle of the new form would be misread by an older program. */
export const FORMAT_VERSION = 1;

export const MANIFEST = "manifest.json";
/** In the form of sha256sum, so that `sha256sum -c` checks the manifest, and the manifest all else. */
export const MANIFEST_SUM = "manifest.sha256";
/** Ed25519 over the manifest's bytes, raw, as `openssl pkeyutl -verify -rawin` takes it. */
export const MANIFEST_SIGNATURE = "manifest.sig";

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const instant = z.iso.datetime();

/** What a bundle holds. Every file is named with its size and SHA-256; `sha256` is that of all of them together. */
const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  /** `spool`: what an agent had not delivered; `support`: what a collector knows of one computer and its KMS hosts. */
  content: z.enum(["spool", "support"]),
  created_at: instant,
  program_version: z.string().max(100),
  host: z.string().max(253),
  /** Which key made the pseudonyms; absent in a bundle with plain names. */
  redaction_key_id: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .optional(),
  records: count,
  records_by_kind: z.record(z.string().max(20), count),
  first_observed_at: instant.optional(),
  last_observed_at: instant.optional(),
  files: z.array(
    z.strictObject({
      name: z.string().regex(/^(records\/\d{6}|[a-z0-9-]{1,60})\.json$/),
      bytes: count,
      sha256: sha256Hex,
      records: count,
    }),
  ),
  sha256: sha256Hex,
});

export type Manifest = z.output<typeof manifestSchema>;
export type ListedFile = Manifest["files"][number];

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** `sha256sum FILES | sha256sum` gives the same. */
export const wholeSum = (files: readonly ListedFile[]): string =>
  sha256(files.map((it) => `${it.sha256}  ${it.name}\n`).join(""));

/**
 * @returns the manifest, or what is wrong with it, to follow its name in a sentence.
 */
export const readManifest = (bytes: Uint8Array): Manifest | { readonly error: string } => {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { error: "is not JSON" };
  }
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) return { error: "is of another format" };
  if (version !== FORMAT_VERSION)
    return { error: `has version ${JSON.stringify(version)}; this program reads ${FORMAT_VERSION}: use a newer one` };
  const read = manifestSchema.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  return { error: `is wrong at ${path.join(".") || "its root"}: ${message}` };
};
