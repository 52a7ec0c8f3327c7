import { type Instant, utcMinute } from "../../licensing/time.ts";

/** The time zone in which a reader sees times. */
export interface TimeZone {
  /** As the IANA database names it, or `UTC`. */
  readonly name: string;
  /** An instant to the minute, with its offset: `2026-11-20 21:00 UTC+9`. */
  minute(at: Instant): string;
}

export const UTC: TimeZone = { name: "UTC", minute: utcMinute };

const NAME_MAX = 64;

/** The zone of a name that a reader chose. @returns undefined for a name that the time zone database does not have. */
export const timeZoneOf = (name: string): TimeZone | undefined => {
  if (name === UTC.name) return UTC;
  if (name.length > NAME_MAX || !/^[A-Za-z][\w+\-/]*$/.test(name)) return undefined;
  try {
    // Swedish writes dates as ISO 8601 does.
    const format = new Intl.DateTimeFormat("sv-SE", {
      timeZone: name,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      timeZoneName: "shortOffset",
    });
    return { name, minute: (at) => format.format(at).replace("GMT", "UTC").replace("\u2212", "-") };
  } catch {
    return undefined;
  }
};

/** Every zone that a reader can choose, by its region; zones without one come first. */
export const timeZonesByRegion = (): Map<string, string[]> =>
  Map.groupBy([UTC.name, ...Intl.supportedValuesOf("timeZone").filter((it) => it !== UTC.name)], (it) =>
    it.includes("/") ? it.slice(0, it.indexOf("/")) : "",
  );
