import { guid } from "../../licensing/events/fields.ts";
import type { Pseudonyms } from "../../offline/pseudonyms.ts";
import { redactZone } from "../../offline/redact.ts";
import { isProductWord, scrub } from "../../offline/scrub.ts";

type Redact = (text: string, names: Pseudonyms) => string;

const name: Redact = (text, names) => names.name(text);
const product: Redact = (text, names) => scrub(text, isProductWord, names);
/** A word of the API's own vocabulary. */
const term: Redact = (text, names) => (/^[a-z0-9_]{1,30}$/.test(text) ? text : names.word(text));
const time: Redact = (text, names) => (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text : names.word(text));
const code: Redact = (text, names) => (/^0x[0-9A-F]{8}$/.test(text) ? text : names.word(text));
const id: Redact = (text, names) => guid(text) ?? names.word(text);

/** The texts in the API's answers about computers and KMS hosts, and what becomes of them; all others are left out. */
const TEXTS: Readonly<Record<string, Redact>> = {
  computer: name,
  kms_host: name,
  client_fqdn: name,
  computers: name,
  aliases: name,
  client_machine_id: (text, names) => names.guid(text),
  zone: (text, names) => redactZone(text, names, "telling"),
  name: product,
  product,
  product_group: product,
  os: product,
  agent_version: product,
  application: term,
  channel: term,
  status: term,
  health: term,
  deadline_kind: term,
  product_class: term,
  reason: code,
  activation_id: id,
  partial_product_key: (text, names) => (/^[A-Z0-9]{5}$/.test(text) ? text : names.word(text)),
  ...Object.fromEntries(
    `last_seen deadline renewed_at renewal_overdue_at last_request leaves_at below_threshold_at reported clients ledger`
      .split(" ")
      .map((key) => [key, time]),
  ),
};

/** An answer of the API without names. Sentences (`findings`) are left out: they are made of names. */
export const redactAnswer = (value: unknown, names: Pseudonyms, key = ""): unknown => {
  if (typeof value === "string") return TEXTS[key]?.(value, names);
  if (Array.isArray(value)) return value.map((it) => redactAnswer(it, names, key)).filter((it) => it !== undefined);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([inner, it]) => [inner, redactAnswer(it, names, inner)]));
};
