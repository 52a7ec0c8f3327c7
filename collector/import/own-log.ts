import { isSetupName } from "../../licensing/kms/duplicates.ts";

/** The computer whose log an event stands in, where the event carries a former name of it; undefined for all others. */
export type PresentName = (event: { readonly channel?: string; readonly computer: string }) => string | undefined;

interface LogRecordName {
  readonly record: number;
  readonly name: string;
}

/** In the order in which Windows writes them. */
const PARTS = /<EventRecordID>(\d{1,15})<|<Channel>([^<]{1,256})<|<Computer>([^<]{1,253})</g;

/**
 * Finds in an archive of event XML the logs of computers that were renamed: Windows goes on numbering records, so that the
 * names of a log follow each other, none comes back, and the present one is last. Former names are those that Windows Setup
 * chose, and the present one without its domain: an export of several computers' logs must not make one of them.
 */
export const presentNamesIn = (xml: string): PresentName => {
  const logs = new Map<string, LogRecordName[]>();
  let record = Number.NaN;
  let channel = "";
  for (const [, number, log, computer] of xml.matchAll(PARTS)) {
    if (number !== undefined) record = Number(number);
    else if (log !== undefined) channel = log;
    else {
      const records = logs.get(channel) ?? [];
      const name = computer!.toLowerCase();
      // Of a run of records that name the same computer both ends tell enough.
      if (records.length >= 2 && records.at(-1)!.name === name && records.at(-2)!.name === name)
        records[records.length - 1] = { record, name };
      else records.push({ record, name });
      logs.set(channel, records);
    }
  }
  const present = new Map<string, ReadonlyMap<string, string>>();
  for (const [channel, records] of logs) {
    const last = lastName(records);
    if (last === undefined) continue;
    const former = [...new Set(records.map((it) => it.name))].filter((it) => it !== last);
    present.set(channel, new Map(former.map((it) => [it, last])));
  }
  return ({ channel = "", computer }) => present.get(channel)?.get(computer.toLowerCase());
};

/** The present name of the log; undefined where only one name is in it, or where it is not one computer's. */
const lastName = (records: readonly LogRecordName[]): string | undefined => {
  const sorted = records.toSorted((a, b) => a.record - b.record);
  const last = sorted.at(-1)!.name;
  const seen = new Set<string>();
  let before: LogRecordName | undefined;
  for (const it of sorted) {
    if (Number.isNaN(it.record)) return undefined;
    if (before && before.record === it.record && before.name !== it.name) return undefined;
    if (it.name !== before?.name) {
      if (seen.has(it.name)) return undefined;
      if (it.name !== last && !isFormerName(it.name, last)) return undefined;
      seen.add(it.name);
    }
    before = it;
  }
  return seen.size > 1 ? last : undefined;
};

const isFormerName = (name: string, present: string): boolean =>
  !name.includes(".") && (isSetupName(name) || present.startsWith(`${name}.`));
