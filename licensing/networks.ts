/** An IP address as a number; an IPv4 address in IPv6 form (`::ffff:10.7.0.1`) is an IPv4 address. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Network extends Address {
  /** Bits that all of its addresses share. */
  readonly prefix: number;
}

/** A computer says so many addresses at most. */
export const ADDRESSES_MAX = 10;

const BITS = { 4: 32, 6: 128 } as const;

/** @returns undefined for a text that is no IPv4 or IPv6 address; a zone index (`%eth0`) is none either. */
export const parseAddress = (text: string): Address | undefined => {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { family: 4, value: v4 };
  const v6 = parseV6(text);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === 0xffffn ? { family: 4, value: v6 & 0xffff_ffffn } : { family: 6, value: v6 };
};

/** `10.7.0.0/16`, `2001:db8::/32`, or one address. @returns undefined for other texts, and where bits behind the prefix are set. */
export const parseNetwork = (text: string): Network | undefined => {
  const [written = "", length, ...more] = text.split("/");
  const address = parseAddress(written);
  if (!address || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const bits = BITS[address.family];
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits || (address.value & ((1n << BigInt(bits - prefix)) - 1n)) !== 0n) return undefined;
  return { ...address, prefix };
};

const parseV4 = (text: string): bigint | undefined => {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split(".").map(Number);
  return parts.some((it) => it > 255) ? undefined : parts.reduce((value, it) => (value << 8n) | BigInt(it), 0n);
};

const parseV6 = (text: string): bigint | undefined => {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text)) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const before = groupsOf(halves[0]!, halves.length === 1);
  const after = halves.length === 1 ? [] : groupsOf(halves[1]!, true);
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0), ...after];
  return groups.reduce((value, it) => (value << 16n) | BigInt(it), 0n);
};

/** The groups of 16 bits on one side of `::`; at the end of an address, the last two may be written as an IPv4 address. */
const groupsOf = (half: string, atEnd: boolean): number[] | undefined => {
  if (half === "") return [];
  const groups: number[] = [];
  const parts = half.split(":");
  for (const [i, part] of parts.entries()) {
    const v4 = atEnd && i === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
};

/** Does an address tell where a computer is? Loopback, link-local, multicast and unspecified ones do not. */
const isTelling = ({ family, value }: Address): boolean => {
  if (family === 4) {
    const first = value >> 24n;
    return first !== 0n && first !== 127n && first < 224n && value >> 16n !== 0xa9fen;
  }
  return value > 1n && value >> 118n !== 0x3fan && value >> 120n !== 0xffn;
};

/** The addresses that tell where a computer is: valid, each once, sorted, ten at most, so that their order means nothing. */
export const tellingAddresses = (texts: readonly string[]): string[] =>
  [...new Set(texts.map((it) => it.toLowerCase()))]
    .filter((it) => {
      const address = parseAddress(it);
      return address !== undefined && isTelling(address);
    })
    .sort()
    .slice(0, ADDRESSES_MAX);

/** Finds the name of the longest network that holds one of some addresses. */
export type NetworkFinder = (addresses: readonly string[]) => string | undefined;

/**
 * The longer prefix wins; an IPv4 network is compared by the bits that it leaves free, as in its IPv6 form. Of networks that
 * are equal, the first counts. @throws Error for a text that is no network.
 */
export const networkFinder = (
  rules: readonly { readonly name: string; readonly networks: readonly string[] }[],
): NetworkFinder | undefined => {
  const names = new Map<string, string>();
  const lengths: Readonly<Record<4 | 6, Set<number>>> = { 4: new Set(), 6: new Set() };
  for (const { name, networks } of rules)
    for (const text of networks) {
      const network = parseNetwork(text);
      if (!network) throw new Error(`"${text}" is no network`);
      const key = keyOf(network, network.prefix);
      if (!names.has(key)) names.set(key, name);
      lengths[network.family].add(network.prefix);
    }
  if (names.size === 0) return undefined;
  const longestFirst = {
    4: [...lengths[4]].sort((a, b) => b - a),
    6: [...lengths[6]].sort((a, b) => b - a),
  };
  return (addresses) => {
    let found: { readonly name: string; readonly length: number } | undefined;
    for (const text of addresses) {
      const address = parseAddress(text);
      if (!address) continue;
      for (const prefix of longestFirst[address.family]) {
        const length = prefix + 128 - BITS[address.family];
        if (found && length <= found.length) break;
        const name = names.get(keyOf(address, prefix));
        if (name === undefined) continue;
        found = { name, length };
        break;
      }
    }
    return found?.name;
  };
};

const keyOf = ({ family, value }: Address, prefix: number): string =>
  `${family}/${prefix}/${(value >> BigInt(BITS[family] - prefix)).toString(36)}`;
