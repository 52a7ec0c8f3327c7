import { createHmac } from "node:crypto";
import { isIP } from "node:net";

/**
 * Names replaced by keyed hashes (HMAC-SHA-256). The same name has the same pseudonym wherever it stands and however it is
 * written, and different names have different ones, so that everything can still be counted and joined; without the key
 * trying names does not reveal which name it was.
 */
export interface Pseudonyms {
  /** Tells one key from another without giving it away. */
  readonly keyId: string;
  /**
   * A computer, by FQDN, short name or address. The first label and the domain are replaced apart, so that a short name is
   * still the beginning of its FQDN.
   */
  name(text: string): string;
  domain(text: string): string;
  /** A GUID that belongs to one computer, as another GUID. */
  guid(text: string): string;
  /** Any other text. */
  word(text: string): string;
  /** Is there, somewhere in this text, a name or a part of one that was replaced so far? */
  tells(text: string): boolean;
}

/** 64 bits: among a million names two have the same with a chance of one in thirty million. */
const HEX_DIGITS = 16;

export const pseudonymsBy = (key: Uint8Array): Pseudonyms => {
  const hashes = new Map<string, string>();
  const hash = (kind: string, text: string): string => {
    const input = `${kind}\0${text}`;
    const known = hashes.get(input);
    if (known !== undefined) return known;
    const made = createHmac("sha256", key).update(input).digest("hex");
    // Names recur; what appears once must not fill the memory.
    if (hashes.size >= REMEMBERED_MAX) hashes.clear();
    hashes.set(input, made);
    return made;
  };
  /** Labels of the names met, but for the last of an FQDN (`com`), which identifies no organisation. */
  const met = new Set<string>();
  const told = new Map<string, { readonly met: number; readonly tells: boolean }>();
  const meet = (labels: readonly string[]) => {
    for (const it of labels) if (it.length >= TELLING_LENGTH) met.add(it);
  };
  const short = (kind: string, text: string) => hash(kind, text).slice(0, HEX_DIGITS);
  const domain = (text: string): string => {
    const name = plain(text);
    meet(name.split(".").slice(0, -1));
    return `d-${short("domain", name)}`;
  };
  return {
    keyId: hash("key", "").slice(0, 8),
    name: (text) => {
      const name = plain(text);
      if (isIP(name)) return `ip-${short("address", name)}`;
      const dot = name.indexOf(".");
      meet([dot < 0 ? name : name.slice(0, dot)]);
      if (dot < 0) return `h-${short("host", name)}`;
      return `h-${short("host", name.slice(0, dot))}.${domain(name.slice(dot + 1))}`;
    },
    domain,
    guid: (text) => hash("guid", text.toLowerCase()).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
    word: (text) => `x-${short("word", text.toLowerCase())}`,
    tells: (text) => {
      const known = told.get(text);
      if (known?.met === met.size) return known.tells;
      const lower = text.toLowerCase();
      const tells = [...met].some((it) => lower.includes(it));
      told.set(text, { met: met.size, tells });
      return tells;
    },
  };
};

const REMEMBERED_MAX = 200_000;
/** Shorter labels stand in too many words to tell anything. */
const TELLING_LENGTH = 3;
const plain = (name: string): string => name.trim().toLowerCase().replace(/\.$/, "");
