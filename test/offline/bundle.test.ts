import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { bundleFiles, checkBundle } from "../../offline/bundle-reader.ts";
import { newBundle } from "../../offline/bundle-writer.ts";
import { sha256 } from "../../offline/manifest.ts";
import { tarEnd, tarEntry } from "../../offline/tar.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
  file = join(folder, "a.tar.gz");
});
afterEach(() => rmSync(folder, { recursive: true }));

const ABOUT = {
  content: "spool",
  created_at: "2026-11-24T12:00:00.000Z",
  program_version: "1.0.0",
  host: "kms01.contoso.com",
  records_by_kind: { event: 3 },
} as const;
const CONTENT = { "records/000001.json": '{"resourceLogs":[1]}', "records/000002.json": `{"x":"${"y".repeat(700)}"}` };
const write = (key?: ReturnType<typeof generateKeyPairSync>["privateKey"]) => {
  const bundle = newBundle(file, key);
  for (const [name, content] of Object.entries(CONTENT)) bundle.add(name, content, 1);
  return bundle.finish(ABOUT);
};
const contentOf = async (path: string) => {
  const found: Record<string, string> = {};
  for await (const { name, content } of bundleFiles(path, await checkBundle(path))) found[name] = content.toString();
  return found;
};
const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder, encoding: "utf8" });

test("what was put in comes out, and nothing lies under its name before it is finished", async () => {
  const bundle = newBundle(file, undefined);
  bundle.add("records/000001.json", "{}", 1);
  expect(existsSync(file)).toBe(false);
  bundle.abandon();
  expect(readdirSync(folder)).toEqual([]);
  const manifest = write();
  expect(await checkBundle(file)).toEqual(manifest);
  expect(await contentOf(file)).toEqual(CONTENT);
  expect(readdirSync(folder)).toEqual(["a.tar.gz"]);
  expect(() => newBundle(file, undefined)).toThrow(/exists already/);
});

test("tar, sha256sum and openssl open it, check it and verify it; packed again by tar it is still whole", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  write(privateKey);
  writeFileSync(join(folder, "key.pem"), publicKey.export({ type: "spki", format: "pem" }));
  run("tar", "xzf", "a.tar.gz");
  expect(run("sha256sum", "-c", "manifest.sha256")).toContain("OK");
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  expect(run("sh", "-c", "sha256sum records/*")).toBe(
    manifest.files.map((it: { sha256: string; name: string }) => `${it.sha256}  ${it.name}\n`).join(""),
  );
  expect(run("sh", "-c", "sha256sum records/* | sha256sum")).toContain(manifest.sha256);
  const verify = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "manifest.json"];
  expect(run("openssl", ...verify, "-sigfile", "manifest.sig")).toContain("Success");
  run("tar", "czf", "b.tar.gz", "./manifest.json", "./manifest.sha256", "./manifest.sig", "./records");
  expect(await contentOf(join(folder, "b.tar.gz"))).toEqual(CONTENT);
  expect(await checkBundle(join(folder, "b.tar.gz"), publicKey)).toEqual(manifest);
});

describe("a changed bundle is refused", () => {
  const refused = async (bytes: Uint8Array) => {
    const path = join(folder, "changed.tar.gz");
    writeFileSync(path, bytes);
    try {
      return { content: await contentOf(path) };
    } catch (cause) {
      return { refused: (cause as Error).message };
    }
  };
  test("cut off anywhere", async () => {
    write();
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 1)
      expect(await refused(whole.subarray(0, length))).toEqual({ refused: expect.stringMatching(/cut off|damaged/) });
  });
  test("a byte of the file: refused, or nothing of its content has changed", async () => {
    write();
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      const result = await refused(bytes);
      if (!result.refused) expect(result.content).toEqual(CONTENT);
    }
  });
  test("a byte of what is packed, packed again", async () => {
    write();
    const tar = gunzipSync(readFileSync(file));
    const manifest = tar.indexOf("manifest.json");
    const start = manifest + 512;
    const end = tar.indexOf("\n}\n", start) + 3;
    for (let at = start; at < end; at += 1) {
      const bytes = Buffer.from(tar);
      bytes[at]! ^= 1 << (at % 8);
      expect(await refused(gzipSync(bytes, { level: 1 }))).toEqual({
        refused: expect.stringContaining("manifest.json does not match manifest.sha256"),
      });
    }
    for (let at = 512; at < 512 + CONTENT["records/000001.json"].length; at += 1) {
      const bytes = Buffer.from(tar);
      bytes[at]! ^= 1;
      expect(await refused(gzipSync(bytes, { level: 1 }))).toEqual({
        refused: expect.stringContaining("records/000001.json was changed or damaged"),
      });
    }
  });

  const packed = (entries: [string, string][]) =>
    gzipSync(Buffer.concat([...entries.map(([name, it]) => tarEntry(name, Buffer.from(it))), tarEnd()]));
  /** A manifest that somebody changed, with the sum that belongs to it. */
  const forged = (change: (manifest: ReturnType<typeof write>) => object, more: [string, string][] = []) => {
    const text = JSON.stringify(change(write()));
    rmSync(file);
    return packed([
      ...Object.entries(CONTENT),
      ...more,
      ["manifest.json", text],
      ["manifest.sha256", `${sha256(text)}  manifest.json\n`],
    ]);
  };
  test.each<[string, () => Uint8Array, RegExp]>([
    ["another archive", () => packed([["notes.txt", "hello"]]), /no manifest\.json: it is no bundle/],
    ["no archive", () => gzipSync("hello"), /cut off/],
    ["no archive at all", () => gzipSync("hello".repeat(500)), /no tar archive/],
    ["a newer version", () => forged((it) => ({ ...it, version: 2 })), /version 2.*newer/],
    ["another format", () => forged((it) => ({ ...it, format: "x" })), /of another format/],
    ["an unknown key", () => forged((it) => ({ ...it, colour: "red" })), /manifest\.json is wrong at its root/],
    ["a file too many", () => forged((it) => it, [["records/000003.json", "{}"]]), /000003\.json, which .* not name/],
    ["a file twice", () => forged((it) => it, [["records/000001.json", "{}"]]), /000001\.json twice/],
    [
      "a file too few",
      () => forged((it) => ({ ...it, files: [...it.files, { ...it.files[0]!, name: "records/000009.json" }] })),
      /000009\.json is missing/,
    ],
    [
      "a name that leads elsewhere",
      () => forged((it) => ({ ...it, files: [{ ...it.files[0]!, name: "../x.json" }] })),
      /wrong at files\.0\.name/,
    ],
    ["another sum of all", () => forged((it) => ({ ...it, sha256: "0".repeat(64) })), /all files together/],
  ])("%s", async (_, make, why) => {
    expect(await refused(make())).toEqual({ refused: expect.stringMatching(why) });
  });

  test("a wrong signature, a missing one, and a changed bundle whose checksums were recomputed", async () => {
    const mine = generateKeyPairSync("ed25519");
    const other = generateKeyPairSync("ed25519");
    write();
    await expect(checkBundle(file, mine.publicKey)).rejects.toThrow(/not signed/);
    rmSync(file);
    write(other.privateKey);
    await expect(checkBundle(file, mine.publicKey)).rejects.toThrow(/signature is not by the key/);
    await expect(checkBundle(file, other.publicKey)).resolves.toMatchObject({ host: ABOUT.host });
    mkdirSync(join(folder, "x"));
    run("tar", "xzf", "a.tar.gz", "-C", "x");
    const manifest = join(folder, "x/manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("kms01", "kms02"));
    run("sh", "-c", "cd x && sha256sum manifest.json > manifest.sha256 && tar czf ../c.tar.gz *");
    await expect(checkBundle(join(folder, "c.tar.gz"))).resolves.toMatchObject({ host: "kms02.contoso.com" });
    await expect(checkBundle(join(folder, "c.tar.gz"), other.publicKey)).rejects.toThrow(/signature/);
  });
});
