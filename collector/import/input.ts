import type { KeyObject } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { VERSION } from "../../config/version.ts";
import { isLicensingEvent } from "../../licensing/events/normalise.ts";
import type { EventFact } from "../../licensing/facts.ts";
import { recordOf, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { OWN_CHANNEL } from "../../licensing/telemetry/own-channel.ts";
import { BundleError, bundleFiles, checkBundle, isGzip } from "../../offline/bundle-reader.ts";
import { decode, eventsIn } from "../../offline/event-text.ts";
import { jsonTexts } from "../../offline/json-texts.ts";
import { recordingIn } from "../../offline/recording.ts";
import { decodeLogsJson } from "../../otlp/json.ts";
import type { LogGroup, LogRecord } from "../../otlp/logs.ts";
import { OtlpError } from "../../otlp/logs.ts";
import { presentNamesIn } from "./own-log.ts";

/** A piece of a file, in its order: records; what is broken, with its place; events of other providers. */
export type Piece =
  | { readonly groups: readonly LogGroup[] }
  | { readonly broken: string }
  | { readonly elsewhere: number };

/**
 * What a file holds, told by its content: a bundle; an `.evtx`; event XML; JSON of normalised events and of
 * every form that shippers of event logs write; OTLP/JSON, as the OpenTelemetry Collector's file exporter writes it.
 *
 * @throws BundleError for a bundle that is refused as a whole, Error for a file that cannot be read.
 */
export async function* piecesOf(file: string, key: KeyObject | undefined): AsyncGenerator<Piece> {
  if (isGzip(beginningOf(file))) {
    yield* piecesOfBundle(file, key);
    return;
  }
  if (key) throw new BundleError("It is no bundle, so it carries no signature; import it without --verify-key.");
  const { xml, incomplete } = recordingIn(file);
  if (/^\s*\[?\s*\{\s*"resource_?[lL]ogs"/.test(decode(xml.subarray(0, 1_000)))) yield* piecesOfOtlp(decode(xml));
  else yield* piecesOfEvents(xml);
  if (incomplete) yield { broken: incomplete };
}

async function* piecesOfBundle(file: string, key: KeyObject | undefined): AsyncGenerator<Piece> {
  const manifest = await checkBundle(file, key);
  for await (const { name, content } of bundleFiles(file, manifest))
    if (name.startsWith("records/")) yield otlpPiece(content.toString(), name);
}

function* piecesOfOtlp(text: string): Generator<Piece> {
  for (const part of jsonTexts(text))
    yield "error" in part ? { broken: `${part.position}: ${part.error}` } : otlpPiece(part.json, part.position);
}

const otlpPiece = (json: string, place: string): Piece => {
  try {
    return { groups: decodeLogsJson(json) };
  } catch (cause) {
    if (cause instanceof OtlpError) return { broken: `${place}: ${cause.message}` };
    throw cause;
  }
};

function* piecesOfEvents(bytes: Uint8Array): Generator<Piece> {
  const presentName = presentNamesIn(decode(bytes));
  for (const found of eventsIn(bytes)) {
    if ("error" in found) yield { broken: `${found.position}: ${found.error}` };
    else if (isLicensingEvent(found.fact)) yield { groups: [groupOf(found.fact, presentName(found.fact))] };
    else yield { elsewhere: 1 };
  }
}

/**
 * Said by a file, not by the computer's own agent: its zone and system stay as they are known.
 *
 * @param present the computer's present name, where the event carries a former one
 */
const groupOf = (fact: EventFact, present: string | undefined): LogGroup => ({
  resource: {
    attributes: {
      "service.name": "activation-import",
      "service.version": VERSION,
      "host.name": present ?? fact.computer.toLowerCase(),
    },
  },
  scope: { name: SCOPE, version: VERSION },
  records: [marked(recordOf(fact, "import", Date.now()), present !== undefined)],
});

const marked = (record: LogRecord, isOwn: boolean): LogRecord =>
  isOwn ? { ...record, attributes: { ...record.attributes, [OWN_CHANNEL]: true } } : record;

const beginningOf = (file: string): Uint8Array => {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(2);
    readSync(fd, bytes);
    return bytes;
  } finally {
    closeSync(fd);
  }
};
