import { randomBytes } from "node:crypto";
import { VERSION } from "../../config/version.ts";
import type { NormalisedEvent } from "../../licensing/events/names.ts";
import type { EventFact } from "../../licensing/facts.ts";
import { redactKeys } from "../../licensing/product-keys.ts";
import { recordOf, SCOPE } from "../../licensing/telemetry/otlp-mapping.ts";
import { DAY, iso } from "../../licensing/time.ts";
import { checkBundle } from "../../offline/bundle-reader.ts";
import { newBundle } from "../../offline/bundle-writer.ts";
import { factOfNormalised } from "../../offline/normalised.ts";
import { type Pseudonyms, pseudonymsBy } from "../../offline/pseudonyms.ts";
import { redactFact } from "../../offline/redact.ts";
import { redactionKeyIn } from "../../offline/redaction-key.ts";
import { signingKey } from "../../offline/signature.ts";
import { encodeLogsJson } from "../../otlp/json-writer.ts";
import type { LogGroup } from "../../otlp/logs.ts";
import { type ApiOptions, apiFrom } from "./api-client.ts";
import { redactAnswer } from "./redact-answer.ts";
import { type Collected, collect } from "./support-collect.ts";

export interface SupportOptions extends ApiOptions {
  readonly computer: string;
  readonly out: string;
  readonly since: number;
  readonly redact?: boolean;
  readonly redactKey?: string;
  readonly signKey?: string;
}

interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
}

const RECORDS_PER_FILE = 500;

/**
 * `support-bundle`: what support asks for about one client, as a bundle: the license state of the computer, its KMS hosts,
 * and the events of both sides, from a running collector.
 *
 * @returns the exit code.
 * @throws ConfigurationError; Error when the collector does not answer or does not know the computer.
 */
export const supportBundle = async (options: SupportOptions, { out, err }: Streams): Promise<number> => {
  const signKey = options.signKey === undefined ? undefined : signingKey(options.signKey);
  const names = options.redact
    ? pseudonymsBy(options.redactKey === undefined ? randomBytes(32) : redactionKeyIn(options.redactKey))
    : undefined;
  const api = apiFrom(options);
  const clear = err.isTTY === true ? "\r\u001b[K" : "";
  const collected = await collect(api, options.computer, {
    since: iso(Date.now() - options.since * DAY),
    progress: (events) => clear && err.write(`${clear}${events} events`),
  });
  const { computer, kmsHosts, events } = collected;
  // Which names there are must be known before it can be told whether a zone's name tells one.
  if (names) redactAnswer([computer, kmsHosts, events], names);
  const bundle = newBundle(options.out, signKey);
  try {
    const document = (it: object) =>
      redactKeys(`${JSON.stringify(names ? redactAnswer(it, names) : it, undefined, 2)}\n`);
    bundle.add("computer.json", document(computer));
    for (const [i, it] of kmsHosts.entries()) bundle.add(`kms-host-${i + 1}.json`, document(it));
    for (let at = 0, file = 1; at < events.length; at += RECORDS_PER_FILE, file += 1) {
      const some = events.slice(at, at + RECORDS_PER_FILE);
      const name = `records/${String(file).padStart(6, "0")}.json`;
      bundle.add(name, redactKeys(encodeLogsJson(some.map((it) => groupOf(it, names)))), some.length);
    }
    bundle.finish({
      content: "support",
      created_at: iso(Date.now()),
      program_version: VERSION,
      host: names ? names.name(computer.computer) : computer.computer,
      ...(names && { redaction_key_id: names.keyId }),
      records_by_kind: { event: events.length },
    });
    await checkBundle(options.out);
  } catch (cause) {
    bundle.abandon();
    throw cause;
  }
  if (clear) err.write(clear);
  out.write(summary(collected, options.out));
  if (names) out.write(legend(collected, names));
  return 0;
};

const groupOf = (event: NormalisedEvent, names: Pseudonyms | undefined): LogGroup => {
  const read = factOfNormalised(event);
  const fact = names ? (redactFact(read, names) as EventFact) : read;
  return {
    resource: { attributes: { "service.name": "activation-support", "host.name": fact.computer.toLowerCase() } },
    scope: { name: SCOPE, version: VERSION },
    records: [recordOf(fact, "support", Date.parse(event.time ?? "") || 0)],
  };
};

const summary = ({ computer, kmsHosts, events }: Collected, out: string): string => {
  const hosts = kmsHosts.map((it) => it.kms_host).join(", ") || "none known";
  return `${out}: ${computer.computer}, ${events.length} events, KMS hosts: ${hosts}\n`;
};

/** The list of names and pseudonyms, which stays in the organisation: without it an answer about a pseudonym is of no use. */
const legend = ({ computer, kmsHosts }: Collected, names: Pseudonyms): string =>
  [...new Set([computer.computer, ...kmsHosts.map((it) => it.kms_host)])]
    .map((it) => `  ${names.name(it)} is ${it}\n`)
    .join("");
