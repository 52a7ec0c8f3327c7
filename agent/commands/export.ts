import { type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { VERSION } from "../../config/version.ts";
import { redactKeys } from "../../licensing/product-keys.ts";
import type { Computer } from "../../licensing/telemetry/otlp-mapping.ts";
import { iso } from "../../licensing/time.ts";
import { checkBundle } from "../../offline/bundle-reader.ts";
import { type BundleWriter, newBundle } from "../../offline/bundle-writer.ts";
import type { Manifest } from "../../offline/manifest.ts";
import { type Pseudonyms, pseudonymsBy } from "../../offline/pseudonyms.ts";
import { redactComputer, redactFact, type Zones } from "../../offline/redact.ts";
import { redactionKeyIn } from "../../offline/redaction-key.ts";
import { signingKey } from "../../offline/signature.ts";
import { encodeLogsJson } from "../../otlp/json-writer.ts";
import { computerOf, hostName } from "../computer.ts";
import type { AgentConfig } from "../config.ts";
import { groupsOf } from "../delivery/sender.ts";
import { saveAtomically } from "../spool/atomic-write.ts";
import { EXPORTED } from "../spool/files.ts";
import type { Spooled } from "../spool/frames.ts";
import { SpoolInUseError } from "../spool/lock.ts";
import { spoolSnapshot } from "../spool/snapshot.ts";
import { openSpool } from "../spool/spool.ts";

export interface ExportOptions {
  readonly out: string;
  readonly redact?: boolean;
  readonly redactKey?: string;
  readonly redactZones?: boolean;
  readonly signKey?: string;
  readonly clear?: boolean;
}

interface Streams {
  readonly say: (line: string) => void;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * `agent export`: what is spooled as one bundle, whether or not the agent runs. The spool stays as it is, so that an export
 * can be repeated; with `clear` what was exported leaves it, once the bundle has been read back whole.
 *
 * @returns the exit code.
 * @throws ConfigurationError for keys that cannot be used; Error when the bundle cannot be written: then nothing is left of it.
 */
export const exportSpool = async (config: AgentConfig, options: ExportOptions, streams: Streams): Promise<number> => {
  const { out, clear } = options;
  const key = options.signKey === undefined ? undefined : signingKey(options.signKey);
  const { directory } = config.spool;
  const names = options.redact ? pseudonymsBy(redactionKey(options.redactKey, directory)) : undefined;
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${out} is a directory; name a file in it, e.g. ${join(out, "activation.tar.gz")}`);
  const bundle = started(out, key);
  let exported: Exported;
  try {
    exported = await fill(bundle, config, { names, zones: options.redactZones ? "all" : "telling" }, streams);
    await checkBundle(out);
  } catch (cause) {
    bundle.abandon();
    throw explained(cause as NodeJS.ErrnoException, out);
  }
  streams.say(summary(exported.manifest, out));
  if (!clear || exported.lastUid === undefined) return 0;
  return cleared(config.spool, exported.lastUid, streams);
};

const started = (out: string, key: KeyObject | undefined): BundleWriter => {
  try {
    return newBundle(out, key);
  } catch (cause) {
    throw explained(cause as NodeJS.ErrnoException, out);
  }
};

const redactionKey = (named: string | undefined, spoolDirectory: string): Uint8Array => {
  const file = named ?? join(spoolDirectory, "redaction.key");
  // Made once and kept, so that the same name has the same pseudonym in every export of this computer.
  if (named === undefined && existsSync(spoolDirectory) && !existsSync(file))
    saveAtomically(file, `${randomBytes(32).toString("hex")}\n`, ONLY_OWNER);
  return redactionKeyIn(file);
};
const ONLY_OWNER = 0o600;

interface Exported {
  readonly manifest: Manifest;
  readonly lastUid: string | undefined;
}
interface Redaction {
  readonly names: Pseudonyms | undefined;
  readonly zones: Zones;
}

/** One file is one request that a collector takes. */
const RECORDS_PER_FILE = 500;
const BYTES_PER_FILE = 4 * 1024 * 1024;

const fill = async (
  bundle: BundleWriter,
  config: AgentConfig,
  { names, zones }: Redaction,
  { progress, signal }: Streams,
): Promise<Exported> => {
  const instanceId = randomUUID();
  const host = await hostName(config);
  const about = (it: string): Computer => computerOf(it, { host, instanceId, version: VERSION, zone: config.zone });
  if (names && config.zone !== undefined) await meetNames(config.spool.directory, names, signal);
  const kinds: Record<string, number> = {};
  let first: number | undefined;
  let last: number | undefined;
  let lastUid: string | undefined;
  let files = 0;
  let records = 0;
  const add = (batch: readonly Spooled[]): void => {
    const groups = groupsOf(
      names ? batch.map((it) => ({ ...it, fact: redactFact(it.fact, names) })) : batch,
      names ? (it) => redactComputer(about(it), names, zones) : about,
    );
    const json = redactKeys(encodeLogsJson(groups));
    if (json.length > BYTES_PER_FILE && batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      add(batch.slice(0, middle));
      add(batch.slice(middle));
      return;
    }
    files += 1;
    bundle.add(`records/${String(files).padStart(6, "0")}.json`, json, batch.length);
  };
  for (const batch of batches(spoolSnapshot(config.spool.directory))) {
    add(batch);
    for (const { fact, observedAt } of batch) {
      kinds[fact.kind] = (kinds[fact.kind] ?? 0) + 1;
      first = Math.min(first ?? observedAt, observedAt);
      last = Math.max(last ?? observedAt, observedAt);
    }
    lastUid = batch.at(-1)!.uid;
    records += batch.length;
    progress(`${records} records`);
    // A signal is heard between two files.
    await setImmediate();
    signal.throwIfAborted();
  }
  const manifest = bundle.finish({
    content: "spool",
    created_at: iso(Date.now()),
    program_version: VERSION,
    host: names ? names.name(host) : host,
    ...(names && { redaction_key_id: names.keyId }),
    records_by_kind: kinds,
    ...(first !== undefined && { first_observed_at: iso(first) }),
    ...(last !== undefined && { last_observed_at: iso(last) }),
  });
  return { manifest, lastUid };
};

/** Which names there are must be known before it can be told whether a zone's name tells one. */
const meetNames = async (directory: string, names: Pseudonyms, signal: AbortSignal): Promise<void> => {
  for (const batch of batches(spoolSnapshot(directory))) {
    for (const { host, fact } of batch) {
      names.name(host);
      redactFact(fact, names);
    }
    await setImmediate();
    signal.throwIfAborted();
  }
};

function* batches(segments: Iterable<readonly Spooled[]>): Generator<readonly Spooled[]> {
  for (const records of segments)
    for (let at = 0; at < records.length; at += RECORDS_PER_FILE) yield records.slice(at, at + RECORDS_PER_FILE);
}

const summary = (manifest: Manifest, out: string): string => {
  const { records, records_by_kind: kinds, first_observed_at: first, last_observed_at: last } = manifest;
  const what = Object.entries(kinds)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(", ");
  const when = first === undefined ? "The spool is empty" : `${what}; observed from ${first} to ${last}`;
  return `${out}: ${records} records (${when})${manifest.redaction_key_id ? ", without names" : ""}.`;
};

/** So long a running agent may take to look; it does every two seconds, unless it is sending. */
const CLEARED_WITHIN_MS = 45_000;

/** The process that has the spool open removes the records: the running agent, or this command. */
const cleared = async (
  { directory, max_size: maxSize }: AgentConfig["spool"],
  lastUid: string,
  { say }: Streams,
): Promise<number> => {
  const request = join(directory, EXPORTED);
  saveAtomically(request, lastUid);
  for (let waited = 0; existsSync(request); waited += 100) {
    if (clearedHere(directory, maxSize)) continue;
    if (waited >= CLEARED_WITHIN_MS) {
      say(`The bundle is good, but the running agent has not cleared ${directory} yet; it does so when it goes on.`);
      return 1;
    }
    await setTimeout(100);
  }
  say(`${directory} is cleared of what was exported.`);
  return 0;
};

/** Opening a spool removes what was exported, unless an agent has it open. */
const clearedHere = (directory: string, maxSize: number): boolean => {
  try {
    openSpool(directory, maxSize).close();
    return true;
  } catch (cause) {
    if (cause instanceof SpoolInUseError) return false;
    throw cause;
  }
};

const explained = (cause: NodeJS.ErrnoException, out: string): Error => {
  if (cause.name === "AbortError") return new Error("The export was interrupted; nothing is left of it.");
  if (cause.code === "ENOSPC")
    return new Error(`${out}: the medium is full; nothing is left of the export.`, { cause });
  return cause.code === undefined ? cause : new Error(`${out} cannot be written: ${cause.message}`, { cause });
};
