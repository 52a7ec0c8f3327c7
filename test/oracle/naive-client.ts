import {
  DAY,
  type Fact,
  type Instant,
  type LicenseRow,
  MINUTE,
  ofKind,
  type RequestSent,
  type ResponseProcessed,
} from "./fact.ts";
import { type Pool, poolOf } from "./naive-products.ts";

/**
 * The figures of computers from all facts at once, with no regard for cost. It shares no code with the product.
 *
 * Where the contract leaves a choice, this file chooses:
 * - An answer belongs to a request of the same client minute that is at most 10 minutes older and has a lower record ID:
 *   the nearest one that has no nearer answer.
 * - The log of a client is known until the newest `read_until` of its Application log, or its newest 12288 or 12289.
 *   A request is unanswered when that instant lies more than 10 minutes after it.
 * - A failing 12288 is `no_answer` when the host could not be reached or found, else `refused`.
 * - An imported event counts no attempt, but it can be the other half of a live one.
 * - An activation wins over a reading of the same instant or older. It changes only a license that the reading shows.
 * - Without any reading, the licenses are those that events name: the newest 12288 (state and minutes) or 12289 that
 *   activated the product.
 * - Changes compare each live reading with the live reading before it. Imported readings and events take no part.
 * - The primary license of an application is no add-on: a licensed one first, then one in grace, in notification, an
 *   unlicensed one last; of the same state by channel, then the one that holds longest, then by activation ID. Changes look at
 *   the one of Windows, a computer's deadline at those of all applications.
 * - Every computer of the generated worlds has one zone for its whole life when it has counters: a counter names the zone.
 */

const ANSWER_WITHIN = 10 * MINUTE;
const VALIDITY = 180 * DAY;
const STATUSES = [
  "unlicensed",
  "licensed",
  "oob_grace",
  "oot_grace",
  "non_genuine_grace",
  "notification",
  "extended_grace",
] as const;

export interface Exchange {
  readonly request: RequestSent;
  readonly response: ResponseProcessed;
}

const isSuccess = (hresult: string): boolean => Number(hresult) === 0;
const isActivated = (it: ResponseProcessed): boolean => isSuccess(it.hresult) && it.activated;

/** Every 12289 of a computer with the 12288 that it answers. */
export const exchangesOf = (computer: string, facts: readonly Fact[]): Exchange[] => {
  const log = [...ofKind(facts, "request_sent"), ...ofKind(facts, "response_processed")]
    .filter((it) => it.computer === computer)
    .sort((a, b) => a.recordId - b.recordId || a.at - b.at);
  const waiting: RequestSent[] = [];
  const exchanges: Exchange[] = [];
  for (const it of log) {
    if (it.kind === "request_sent") {
      if (isSuccess(it.hresult)) waiting.push(it);
      continue;
    }
    const index = waiting.findLastIndex(
      (request) => request.clientTime === it.clientTime && it.at <= request.at + ANSWER_WITHIN,
    );
    if (index < 0) continue;
    exchanges.push({ request: waiting[index]!, response: it });
    waiting.splice(index, 1);
  }
  return exchanges;
};

const UNREACHABLE = new Set(["0xC004F074", "0x8007232B"]);

export interface ExpectedAttempts {
  activated: number;
  refused: number;
  no_answer: number;
}

/** Attempts of each zone by outcome. */
export const expectedAttempts = (facts: readonly Fact[], now: Instant): Map<string, ExpectedAttempts> => {
  const zones = new Map<string, ExpectedAttempts>();
  const count = (zone: string, outcome: keyof ExpectedAttempts) => {
    const known = zones.get(zone) ?? { activated: 0, refused: 0, no_answer: 0 };
    known[outcome] += 1;
    zones.set(zone, known);
  };
  for (const it of ofKind(facts, "response_processed"))
    if (!it.imported) count(it.sender.zone, isActivated(it) ? "activated" : "refused");
  const computers = new Set(ofKind(facts, "request_sent").map((it) => it.computer));
  for (const computer of computers) {
    const answered = new Set(exchangesOf(computer, facts).map((it) => it.request.uid));
    const until = logKnownUntil(computer, facts, now);
    for (const it of ofKind(facts, "request_sent")) {
      if (it.computer !== computer || it.imported) continue;
      if (!isSuccess(it.hresult)) count(it.sender.zone, UNREACHABLE.has(it.hresult) ? "no_answer" : "refused");
      else if (!answered.has(it.uid) && it.at + ANSWER_WITHIN < until) count(it.sender.zone, "no_answer");
    }
  }
  return zones;
};

const logKnownUntil = (computer: string, facts: readonly Fact[], now: Instant): Instant => {
  const own = facts.filter((it) => "computer" in it && it.computer === computer);
  const told = ofKind(own, "heartbeat").map((it) => Math.min(it.application.readUntil, now));
  const events = [...ofKind(own, "request_sent"), ...ofKind(own, "response_processed")].map((it) => it.at);
  return Math.max(...told, ...events);
};

export interface ExpectedLicense {
  readonly status: string;
  readonly deadline: Instant | undefined;
  readonly application: Pool;
  readonly channel: LicenseRow["channel"];
  readonly addon: boolean;
}

export interface ExpectedComputer {
  readonly computer: string;
  readonly zone: string;
  readonly os: string;
  readonly agentVersion: string;
  /** By activation ID. */
  readonly licenses: Readonly<Record<string, ExpectedLicense>>;
  /** The soonest deadline of the primary licenses. */
  readonly deadline: Instant | undefined;
}

/** Every computer with an agent of its own. */
export const expectedComputers = (facts: readonly Fact[]): ExpectedComputer[] =>
  [...new Set(facts.map((it) => it.sender.host))].sort().map((computer) => {
    const own = facts.filter((it) => it.sender.host === computer).sort((a, b) => a.at - b.at || a.uid - b.uid);
    const { zone, os, agentVersion } = own.at(-1)!.sender;
    const licenses = expectedLicenses(computer, facts);
    const deadlines = primaryDeadlines(licenses);
    return {
      computer,
      zone,
      os,
      agentVersion,
      licenses,
      deadline: deadlines.length > 0 ? Math.min(...deadlines) : undefined,
    };
  });

const STATES = ["licensed", "grace", "notification", "unlicensed"];
const CHANNELS: readonly LicenseRow["channel"][] = ["kms_host", "kms_client", "mak", "retail"];

/** "Primary licenses decide": one of each application. */
const primaryDeadlines = (licenses: Readonly<Record<string, ExpectedLicense>>): Instant[] => {
  const all = Object.entries(licenses)
    .filter(([, it]) => !it.addon)
    .map(([id, it]) => ({ id, ...it, state: STATES.indexOf(it.status.endsWith("_grace") ? "grace" : it.status) }))
    .sort(
      (a, b) =>
        a.state - b.state ||
        CHANNELS.indexOf(a.channel) - CHANNELS.indexOf(b.channel) ||
        (b.deadline ?? Number.MAX_VALUE) - (a.deadline ?? Number.MAX_VALUE) ||
        (a.id < b.id ? -1 : 1),
    );
  const applications = [...new Set(all.map((it) => it.application))];
  return applications.flatMap((application) => {
    const { deadline } = all.find((it) => it.application === application)!;
    return deadline === undefined ? [] : [deadline];
  });
};

/** "Deadlines": minutes of a licensed product that is permanent, or of one where nothing counts down, are no deadline. */
const deadlineOf = (status: number, minutes: number, at: Instant): Instant | undefined => {
  const name = STATUSES[status];
  if (name === "unlicensed" || name === "notification") return undefined;
  return name === "licensed" && minutes === 0 ? undefined : at + minutes * MINUTE;
};

const expectedLicenses = (computer: string, facts: readonly Fact[]): Record<string, ExpectedLicense> => {
  const readings = ofKind(facts, "reading")
    .filter((it) => it.computer === computer)
    .sort((a, b) => a.at - b.at);
  const activations = exchangesOf(computer, facts)
    .filter((it) => isActivated(it.response))
    .sort((a, b) => a.response.at - b.response.at);
  const newest = readings.at(-1);
  const licenses: Record<string, ExpectedLicense> = {};
  if (newest) {
    for (const row of newest.rows)
      licenses[row.activationId] = {
        status: STATUSES[row.status]!,
        deadline: deadlineOf(row.status, row.minutes, newest.at),
        application: row.application,
        channel: row.channel,
        addon: row.addon,
      };
  } else {
    const sent = ofKind(facts, "request_sent")
      .filter((it) => it.computer === computer)
      .sort((a, b) => a.at - b.at);
    const described = ({ activationId, need }: RequestSent) =>
      ({ application: poolOf(facts, activationId, need), channel: "kms_client", addon: false }) as const;
    for (const it of sent)
      licenses[it.activationId] = {
        status: STATUSES[it.status]!,
        deadline: deadlineOf(it.status, it.minutes, it.at),
        ...described(it),
      };
    for (const { request, response } of activations) {
      const later = sent.findLast((it) => it.activationId === request.activationId);
      if (later && later.at > response.at) continue;
      const deadline = response.at + VALIDITY;
      licenses[request.activationId] = { status: "licensed", deadline, ...described(request) };
    }
  }
  for (const { request, response } of newest ? activations : []) {
    const known = licenses[request.activationId];
    if (!known || response.at < newest!.at) continue;
    const deadline = response.at + VALIDITY;
    const lasts = known.status === "licensed" && (known.deadline ?? 0) > deadline;
    licenses[request.activationId] = lasts ? known : { ...known, status: "licensed", deadline };
  }
  return licenses;
};

export type Change = "to_notification" | "to_licensed" | "channel_drift" | "rearmed";
export const CHANGES: readonly Change[] = ["to_notification", "to_licensed", "channel_drift", "rearmed"];

const primaryOf = (rows: readonly LicenseRow[]): LicenseRow | undefined => {
  const rank = ({ status }: LicenseRow): number => (status === 1 ? 0 : status === 0 ? 2 : 1);
  return rows
    .filter((it) => it.application === "windows" && !it.addon)
    .sort((a, b) => rank(a) - rank(b) || (a.activationId < b.activationId ? -1 : 1))[0];
};

/** License changes of each zone. */
export const expectedChanges = (facts: readonly Fact[]): Map<string, Record<Change, number>> => {
  const zones = new Map<string, Record<Change, number>>();
  const count = (zone: string, change: Change) => {
    const known = zones.get(zone) ?? { to_notification: 0, to_licensed: 0, channel_drift: 0, rearmed: 0 };
    known[change] += 1;
    zones.set(zone, known);
  };
  const live = ofKind(facts, "reading").filter((it) => !it.imported);
  for (const computer of new Set(live.map((it) => it.computer))) {
    const readings = live.filter((it) => it.computer === computer).sort((a, b) => a.at - b.at);
    for (const [i, reading] of readings.entries()) {
      const previous = readings[i - 1];
      if (!previous) continue;
      const { zone } = reading.sender;
      if (reading.rearmsLeft < previous.rearmsLeft) count(zone, "rearmed");
      const before = primaryOf(previous.rows);
      const after = primaryOf(reading.rows);
      if (!before || !after) continue;
      if (after.status !== before.status && after.status === 5) count(zone, "to_notification");
      if (after.status !== before.status && after.status === 1) count(zone, "to_licensed");
      if (after.channel !== before.channel) count(zone, "channel_drift");
    }
  }
  return zones;
};
