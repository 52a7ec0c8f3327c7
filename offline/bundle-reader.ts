import type { KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import {
  type ListedFile,
  MANIFEST,
  MANIFEST_SIGNATURE,
  MANIFEST_SUM,
  type Manifest,
  readManifest,
  sha256,
  wholeSum,
} from "./manifest.ts";
import { isSignedBy } from "./signature.ts";
import { TarError, type TarFile, tarFiles } from "./tar.ts";

/** Why a bundle is refused, in one sentence without the file's name. */
export class BundleError extends Error {}

/** gzip files begin so (RFC 1952). */
export const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

const FILE_MAX = 64 * 1024 * 1024;

/**
 * Reads a bundle from end to end and holds every byte of it against its manifest, and the manifest against its sum and, when
 * a key is given, its signature. Nothing of a bundle may be used before this has returned.
 *
 * @throws BundleError that names what is wrong.
 */
export const checkBundle = async (file: string, key?: KeyObject): Promise<Manifest> => {
  const own = new Map<string, Buffer>();
  const found = new Map<string, { bytes: number; sha256: string }>();
  for await (const { name, content } of filesOf(file)) {
    if (found.has(name) || own.has(name)) throw new BundleError(`It holds ${name} twice.`);
    if ([MANIFEST, MANIFEST_SUM, MANIFEST_SIGNATURE].includes(name)) own.set(name, Buffer.from(content));
    else found.set(name, { bytes: content.length, sha256: sha256(content) });
  }
  const bytes = own.get(MANIFEST);
  if (!bytes) throw new BundleError(`It has no ${MANIFEST}: it is no bundle of this program, or is cut off.`);
  if (own.get(MANIFEST_SUM)?.toString("latin1") !== `${sha256(bytes)}  ${MANIFEST}\n`)
    throw new BundleError(`${MANIFEST} does not match ${MANIFEST_SUM}: it was changed or damaged. Export again.`);
  if (key) checkSignature(bytes, own.get(MANIFEST_SIGNATURE), key);
  const manifest = readManifest(bytes);
  if ("error" in manifest) throw new BundleError(`${MANIFEST} ${manifest.error}.`);
  checkFiles(manifest, found);
  return manifest;
};

const checkSignature = (manifest: Buffer, signature: Buffer | undefined, key: KeyObject): void => {
  if (!signature)
    throw new BundleError("It is not signed, and a key to verify was given. Export it again with --sign-key.");
  if (!isSignedBy(manifest, signature, key))
    throw new BundleError("Its signature is not by the key to verify: it was signed by another key, or changed.");
};

const checkFiles = (manifest: Manifest, found: ReadonlyMap<string, { bytes: number; sha256: string }>): void => {
  for (const it of manifest.files) {
    const here = found.get(it.name);
    if (!here) throw new BundleError(`${it.name} is missing, though ${MANIFEST} names it.`);
    if (here.bytes !== it.bytes || here.sha256 !== it.sha256)
      throw new BundleError(`${it.name} was changed or damaged: its SHA-256 is not that of ${MANIFEST}.`);
  }
  const names = new Set(manifest.files.map((it) => it.name));
  const stranger = [...found.keys()].find((it) => !names.has(it));
  if (stranger !== undefined)
    throw new BundleError(`It holds ${stranger.slice(0, 100)}, which ${MANIFEST} does not name.`);
  if (names.size !== manifest.files.length || wholeSum(manifest.files) !== manifest.sha256)
    throw new BundleError(`The SHA-256 of all files together is not that of ${MANIFEST}.`);
};

/**
 * The listed files of a checked bundle, one at a time. Each is checked again, because the medium may have been exchanged.
 *
 * @throws BundleError
 */
export async function* bundleFiles(file: string, manifest: Manifest): AsyncGenerator<ListedFile & TarFile> {
  const listed = new Map(manifest.files.map((it) => [it.name, it]));
  for await (const { name, content } of filesOf(file)) {
    const it = listed.get(name);
    if (!it) continue;
    if (sha256(content) !== it.sha256) throw new BundleError(`${name} changed while the bundle was read.`);
    yield { ...it, content };
  }
}

async function* filesOf(file: string): AsyncGenerator<TarFile> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on("error", (cause) => gunzip.destroy(cause));
  try {
    yield* tarFiles(source.pipe(gunzip), FILE_MAX);
  } catch (cause) {
    throw translated(cause as NodeJS.ErrnoException);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

const translated = (cause: NodeJS.ErrnoException): Error => {
  if (cause instanceof TarError) return new BundleError(`It ${cause.message}.`);
  if (cause.code === "Z_BUF_ERROR")
    return new BundleError("It is cut off: its end is missing. Copy or export it again.");
  if (cause.code?.startsWith("Z_")) return new BundleError(`It is damaged: ${cause.message}. Copy or export it again.`);
  return cause;
};
