import {
  DAY,
  type Fact,
  HOUR,
  type Instant,
  type LicenseRow,
  MINUTE,
  type Progress,
  type RequestHandled,
  type Sender,
} from "./fact.ts";
import { type Random, randomOf } from "./random.ts";

/**
 * Small worlds of KMS hosts and clients, the same for the same seed. The generator plays what really happens (tables, answers,
 * grace periods) and writes down the facts that agents would see of it. What the collector has to make of these facts is not
 * its business: that is in the naive files.
 */
export interface World {
  readonly seed: number;
  /** What is special in this world, for the report of a failing test. */
  readonly features: readonly string[];
  /** In the order of their times. */
  readonly facts: readonly Fact[];
  /** When all of them are received. */
  readonly now: Instant;
  /** One of each agent, an hour later: what was pending is settled then. */
  readonly lastHeartbeats: readonly Fact[];
}

const NOW = Date.parse("2026-11-20T12:00:00Z");

const PRODUCTS = {
  client: { id: "73111121-5638-40f6-bc11-f1d7b0d64300", need: 25, application: "windows", name: "Windows, Enterprise" },
  server: { id: "8c1c5410-9f39-4805-8c9d-63a07706358f", need: 5, application: "windows", name: "Windows, Server" },
  office: { id: "d450596f-894d-49e0-966a-fd39ed4c4c64", need: 5, application: "office", name: "Office 16" },
  office2010: { id: "6f327760-8c5c-417c-9b61-836a98287e0c", need: 5, application: "office2010", name: "Office 14" },
  unknown5: { id: "0badc0de-0005-4000-8000-000000000005", need: 5, application: "office", name: "Office Next" },
  unknown25: { id: "0badc0de-0025-4000-8000-000000000025", need: 25, application: "windows", name: "Windows Next" },
} as const;
type ProductKey = keyof typeof PRODUCTS;
const HOST_KEYS = {
  windows: "d6992aac-29e7-452a-bf10-bbfb8ccabe59",
  office: "98ebfe73-2084-4c97-932c-c0cd1643bea7",
} as const;
const MAK = "2b5a1b0f-a5ab-4c54-ac2f-a6d94824a283";
const LEFTOVER = "4f3d1606-3fea-4c01-be3c-8d671c401e3b";

const FEATURES = [
  "near 25",
  "silence",
  "aliases",
  "moved alias",
  "growth",
  "clones",
  "renames",
  "office",
  "office 2010",
  "servers",
  "unknown products",
  "taught products",
  "table lost",
  "one wrong count",
  "gap",
  "refusing host",
  "outage",
  "unanswered",
  "imports",
  "imported and live",
  "agent restarts",
  "license changes",
  "seconds in readings",
  "wrong clocks",
  "equal times",
  "moved computer",
  "other renewal interval",
] as const;
type Feature = (typeof FEATURES)[number];

interface KmsHost {
  readonly name: string;
  readonly sender: (at: Instant) => Sender;
  /** 12290 is collected. */
  readonly logs: boolean;
  readonly reads: boolean;
  readonly heartbeatsFrom: Instant | undefined;
  readonly oldest: Instant;
  readonly intervalSeconds: number;
  readonly lostAt: Instant | undefined;
  /** Records of the day before are lost. */
  readonly gapAt: Instant | undefined;
  readonly importedUntil: Instant;
  readonly refuses: readonly [from: Instant, until: Instant] | undefined;
  /** What the real host holds: last request of each client, by application. */
  readonly tables: Map<string, { capacity: number; entries: Map<string, Instant> }>;
  recordId: number;
  /** Of its newest fact, and of its newest request. */
  lastAt: Instant;
  lastRequestAt: Instant;
  lostRecords: boolean;
}

interface License {
  readonly product: ProductKey;
  readonly graceUntil: Instant;
  activatedUntil: Instant;
}

interface Client {
  readonly cmid: string;
  readonly nameAt: (at: Instant) => string;
  readonly computer: string;
  readonly isRenamed: boolean;
  readonly sender: ((at: Instant) => Sender) | undefined;
  readonly reads: boolean;
  readonly licenses: readonly License[];
  readonly hostAt: (at: Instant) => KmsHost;
  readonly targetAt: (at: Instant) => string;
  readonly until: Instant;
  readonly clockOff: number;
  readonly importedUntil: Instant;
  readonly notification: readonly [from: Instant, until: Instant] | undefined;
  readonly makFrom: Instant | undefined;
  readonly rearmedAt: Instant | undefined;
  readonly leftoverRow: boolean;
  readonly addonRow: boolean;
  readonly teaches: boolean;
  recordId: number;
}

export const generateWorld = (seed: number): World => {
  const random = randomOf(seed);
  const features = new Set<Feature>(FEATURES.filter(() => random.chance(0.35)));
  const start = NOW - random.pick([3, 12, 25, 33, 40, 45]) * DAY;
  const facts: Fact[] = [];
  let uid = 0;
  const has = (it: Feature) => features.has(it);
  const some = (it: Feature, probability = 0.5) => features.has(it) && random.chance(probability);
  const during = () => start + Math.floor(random.unit() * (NOW - start));
  const minuteOf = (at: Instant) => Math.floor(at / MINUTE) * MINUTE;
  const upgradedAt = has("agent restarts") ? minuteOf(during()) : Number.POSITIVE_INFINITY;
  const emit = (it: Record<string, unknown>, importedUntil = 0): void => {
    const fact = { uid: uid++, imported: (it.at as Instant) < importedUntil, ...it } as unknown as Fact;
    if (fact.at > NOW) return;
    facts.push(fact);
    if (fact.imported && some("imported and live", 0.3)) facts.push({ ...fact, imported: false });
  };

  /** The resource of an agent; a restart gives it another instance and another version. */
  const senderOf = (host: string, zone: string, os: string, movesAt = Number.POSITIVE_INFINITY) => {
    const make = (agentVersion: string, instance: string, inZone: string): Sender => ({
      host,
      zone: inZone,
      os,
      agentVersion,
      instance,
    });
    const before = [make("1.0.0", "first", zone), make("1.0.0", "first", "lab-2")] as const;
    const after = [make("1.1.0", "second", zone), make("1.1.0", "second", "lab-2")] as const;
    return (at: Instant): Sender => (at < upgradedAt ? before : after)[at < movesAt ? 0 : 1];
  };

  const hosts = Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, (_, i): KmsHost => {
    // A table is lost only where the whole log is known: what a gap means for a loss is not settled.
    const loses = (i === 0 && has("table lost")) || random.chance(0.1);
    const kind = random.pick(loses ? ["new", "old"] : ["new", "old", "old", "prehistory"]);
    const name = `kms0${i + 1}.contoso.com`;
    const tables: KmsHost["tables"] = new Map();
    if (kind === "prehistory") {
      const entries = new Map<string, Instant>();
      for (let n = random.whole(12, 45); n > 0; n -= 1)
        entries.set(`before-${n}`, start - Math.floor(random.unit() * 29 * DAY));
      tables.set("windows", { capacity: 50, entries });
    }
    return {
      name,
      sender: senderOf(name, i === 0 ? "core" : "lab-1", "Windows Server 2022"),
      logs: i < 2 || random.chance(0.5),
      reads: loses || random.chance(0.6),
      heartbeatsFrom: random.chance(loses ? 1 : 0.8) ? start + random.whole(1, 48) * HOUR : undefined,
      oldest: kind === "old" ? start - 40 * DAY : start,
      intervalSeconds: random.pick([900, 14_400]),
      lostAt: loses ? during() : undefined,
      gapAt: some("gap") && !loses ? during() : undefined,
      importedUntil: some("imports") ? during() : 0,
      refuses: some("refusing host") ? [during(), during()] : undefined,
      tables,
      recordId: kind === "new" ? 1 : 5_000,
      lastAt: start,
      lastRequestAt: 0,
      lostRecords: false,
    };
  });
  const aliasMovesAt = has("moved alias") && hosts.length > 1 && hosts[1]!.logs ? during() : Number.POSITIVE_INFINITY;

  const names = ["kms.contoso.com", "kms01", "10.1.0.1"];
  const silentFrom = has("silence") ? during() : Number.POSITIVE_INFINITY;
  const clientsWanted = has("near 25")
    ? random.whole(22, 28)
    : random.pick([random.whole(5, 12), random.whole(22, 28), random.whole(20, 40), random.whole(45, 60)]);
  const clients: Client[] = [];
  let agents = 0;
  const makeClient = (i: number, more: Partial<Client> = {}): Client => {
    const kind: ProductKey =
      some("growth", 0.4) || (some("servers", 0.3) && !has("near 25"))
        ? "server"
        : some("unknown products", 0.15)
          ? random.pick(["unknown5", "unknown25"])
          : "client";
    // The table grows in the middle, when the first Windows clients come.
    const comesLate = has("growth") && PRODUCTS[kind].need === 25;
    const joinedAt = comesLate
      ? NOW - Math.floor((random.unit() * (NOW - start)) / 2)
      : random.chance(0.5)
        ? start
        : during();
    const license = (product: ProductKey): License => ({
      product,
      graceUntil: minuteOf(joinedAt + random.pick([1, 30]) * DAY),
      activatedUntil: random.chance(0.3) ? minuteOf(start + random.whole(1, 170) * DAY) + 30_000 : 0,
    });
    const computer = `pc${i}.contoso.com`;
    const renamedAt = some("renames", 0.2) ? during() : Number.POSITIVE_INFINITY;
    const renamedAgainAt = some("renames", 0.1) ? during() : Number.POSITIVE_INFINITY;
    const isShort = some("renames", 0.2);
    const target = some("aliases", 0.6) ? random.pick(names) : undefined;
    const other = random.chance(0.3) ? random.pick(hosts) : hosts[0]!;
    const hostAt = (at: Instant) =>
      target === undefined ? other : target === names[0] && at >= aliasMovesAt ? hosts[1]! : hosts[0]!;
    const hasAgent = agents < 7 && random.chance(0.4);
    if (hasAgent) agents += 1;
    const changes = hasAgent && has("license changes");
    const client: Client = {
      cmid: `08c3bda0-c556-4b61-9e4e-${String(i).padStart(12, "0")}`,
      nameAt: (at) =>
        at >= renamedAgainAt
          ? `third${i}.contoso.com`
          : at >= renamedAt
            ? `renamed${i}.contoso.com`
            : isShort && at < start + 5 * DAY
              ? `PC${i}`
              : computer,
      computer,
      isRenamed: renamedAt < Number.POSITIVE_INFINITY || renamedAgainAt < Number.POSITIVE_INFINITY,
      sender: hasAgent ? senderOf(computer, random.pick(["core", "lab-1"]), "Windows 11") : undefined,
      reads: random.chance(0.8),
      licenses: [
        license(kind),
        ...(kind === "client" && some("office", 0.5) ? [license("office")] : []),
        ...(kind === "client" && some("office 2010", 0.2) ? [license("office2010")] : []),
      ],
      hostAt,
      targetAt: (at) => target ?? hostAt(at).name,
      until: random.chance(0.7)
        ? silentFrom
        : random.chance(has("near 25") ? 0 : 0.7)
          ? during()
          : Number.POSITIVE_INFINITY,
      clockOff: some("wrong clocks", 0.15) ? random.pick([-5, -2, 2, 3]) * HOUR : 0,
      importedUntil: some("imports", 0.3) ? during() : 0,
      notification: changes && random.chance(0.5) ? [during(), during()] : undefined,
      makFrom: changes && random.chance(0.2) ? during() : undefined,
      rearmedAt: changes && random.chance(0.3) ? during() : undefined,
      leftoverRow: hasAgent && random.chance(0.2),
      addonRow: hasAgent && random.chance(0.2),
      teaches: hasAgent && has("taught products"),
      recordId: random.whole(100, 900),
      ...more,
    };
    schedule(joinedAt + random.whole(0, 24 * 60) * MINUTE, () => ask(client));
    if (client.sender && client.reads) schedule(joinedAt + random.whole(1, 48) * HOUR, () => readClient(client));
    if (client.sender) schedule(joinedAt + random.whole(1, 48) * HOUR, () => heartbeatOf(client));
    return client;
  };

  // What is to happen, by time.
  const agenda: { at: Instant; order: number; run: () => void }[] = [];
  let planned = 0;
  let clock = start;
  const schedule = (at: Instant, run: () => void): void => {
    if (at < NOW) agenda.push({ at: Math.max(at, start), order: planned++, run });
  };

  const tableOf = (host: KmsHost, application: string) => {
    const known = host.tables.get(application) ?? { capacity: 0, entries: new Map<string, Instant>() };
    host.tables.set(application, known);
    for (const [cmid, last] of known.entries) if (last + 30 * DAY <= clock) known.entries.delete(cmid);
    return known;
  };
  /** The real host counts a request. @returns its count. */
  const countRequest = (host: KmsHost, application: string, need: number, cmid: string): number => {
    const table = tableOf(host, application);
    table.capacity = Math.max(table.capacity, 2 * need);
    table.entries.delete(cmid);
    table.entries.set(cmid, clock);
    const oldest = [...table.entries].sort((a, b) => a[1] - b[1])[0]!;
    if (table.entries.size > table.capacity) table.entries.delete(oldest[0]);
    return table.entries.size;
  };

  const statusOf = ({ activatedUntil, graceUntil }: License, at: Instant): { status: number; minutes: number } => {
    if (activatedUntil > at) return { status: 1, minutes: Math.floor((activatedUntil - at) / MINUTE) };
    if (graceUntil > at) return { status: 2, minutes: Math.floor((graceUntil - at) / MINUTE) };
    return { status: 5, minutes: 0 };
  };

  /** Writes a request into the host's log. */
  const logRequest = (host: KmsHost, client: Client, it: Partial<RequestHandled>): void => {
    const tied = some("equal times", 0.2) && host.lastAt === host.lastRequestAt && host.lastAt > clock - MINUTE;
    const at = tied ? host.lastAt : Math.max(clock + 6_000 + random.whole(0, 900), host.lastAt + 1);
    host.lastAt = at;
    host.lastRequestAt = at;
    const recordId = host.recordId++;
    if (!host.logs) return;
    if (host.gapAt !== undefined && host.heartbeatsFrom !== undefined && at > host.gapAt - DAY && at <= host.gapAt) {
      host.lostRecords = true;
      return;
    }
    const base = { kind: "request_handled", host: host.name, recordId, at, sender: host.sender(at) };
    emit({ ...base, name: client.nameAt(at), cmid: client.cmid, ...it }, host.importedUntil);
  };

  /** A client asks for all of its products in one minute. */
  const ask = (client: Client): void => {
    if (clock > client.until) return;
    const host = client.hostAt(clock);
    const { sender } = client;
    const clientTime = minuteOf(clock + client.clockOff);
    const target = client.targetAt(clock);
    const answers: (() => void)[] = [];
    const nested = random.chance(0.5);
    let isWaiting = false;
    const licenses = client.licenses.filter(
      (it) =>
        !(client.makFrom !== undefined && clock >= client.makFrom && PRODUCTS[it.product].application === "windows"),
    );
    for (const [i, license] of licenses.entries()) {
      const { id, need, application } = PRODUCTS[license.product];
      const state = statusOf(license, clock);
      const request = { cmid: client.cmid, clientTime, ...state, activationId: id, need };
      const down = some("outage", 0.15);
      const lost = some("unanswered", 0.1);
      if (sender) {
        const at = clock + 5_000 + i * 10;
        const sent = { kind: "request_sent", computer: client.computer, at, sender: sender(at), target };
        const failure = random.pick(["0xC004F074", "0xC004F074", "0x8007232B", "0xC004F06C"]);
        const hresult = down ? failure : "0x00000000";
        emit({ ...sent, recordId: client.recordId++, hresult, ...request }, client.importedUntil);
      }
      if (down || (lost && random.chance(0.5))) {
        isWaiting = true;
        continue;
      }
      const [from, until] = host.refuses ?? [0, 0];
      const refuses = clock >= from && clock < until;
      const unsupported = !refuses && random.chance(0.01);
      const count = refuses || unsupported ? 0 : countRequest(host, application, need, client.cmid);
      const enough = count >= need;
      const refusal = refuses ? "0xC004F041" : unsupported ? "0xC004F042" : undefined;
      const tooLow = !refusal && !enough && random.chance(0.5) ? "0xC004F038" : "0x00000000";
      logRequest(host, client, { hresult: refusal ?? tooLow, ...request });
      if (!enough) isWaiting = true;
      if (lost) continue;
      const late = some("unanswered", 0.05);
      const second = late ? 12 * MINUTE : 30_000;
      const at = clock + second + (has("seconds in readings") ? random.whole(0, 999) : 0);
      if (enough) license.activatedUntil = at + 180 * DAY;
      if (!sender) continue;
      const answer = () =>
        emit(
          {
            kind: "response_processed",
            computer: client.computer,
            recordId: client.recordId++,
            at,
            sender: sender(at),
            hresult: refusal ?? "0x00000000",
            flags: enough || refusal ? 0 : 0x0400_0000,
            activated: enough,
            count,
            renewalMinutes: has("other renewal interval") && clock > start + 10 * DAY ? 20_160 : 10_080,
            clientTime,
          },
          client.importedUntil,
        );
      if (nested && !late) answers.unshift(answer);
      else answer();
    }
    for (const it of answers) it();
    client.recordId += random.whole(0, 3);
    const pause = isWaiting ? random.whole(12, 60) * HOUR : 7 * DAY + random.whole(-24, 24) * HOUR;
    schedule(clock + pause + random.whole(0, 59) * MINUTE, () => ask(client));
  };

  const readClient = (client: Client): void => {
    const sender = client.sender!;
    const at = minuteOf(clock) + (has("seconds in readings") ? random.whole(0, 59_999) : 30_000);
    const rows = client.licenses.map((it): LicenseRow => {
      const { id, application, name } = PRODUCTS[it.product];
      const base = { name, application, addon: false, partialProductKey: "2YT43" } as const;
      const [from, until] = client.notification ?? [0, 0];
      if (application === "windows" && client.makFrom !== undefined && at >= client.makFrom)
        return { ...base, activationId: MAK, channel: "mak", status: 1, minutes: 0 };
      if (application === "windows" && at >= from && at < until)
        return { ...base, activationId: id, channel: "kms_client", status: 5, minutes: 0 };
      return { ...base, activationId: id, channel: "kms_client", ...statusOf(it, at) };
    });
    const extra = { name: "Windows", application: "windows", partialProductKey: "3V66T", minutes: 0 } as const;
    // Beside a licensed row only: which of two rows without a license speaks for the computer is not settled.
    if (client.leftoverRow && rows[0]!.status === 1)
      rows.push({ ...extra, activationId: LEFTOVER, channel: "retail", status: 0, addon: false });
    if (client.addonRow)
      rows.push({ ...extra, activationId: LEFTOVER.replace("4f", "5f"), channel: "mak", status: 5, addon: true });
    if (client.teaches && rows.every((it) => it.activationId !== PRODUCTS.unknown5.id) && clock > start + 2 * DAY)
      rows.push({
        ...extra,
        ...PRODUCTS.unknown5,
        activationId: PRODUCTS.unknown5.id,
        channel: "kms_client",
        status: 1,
        addon: false,
      });
    emit(
      {
        kind: "reading",
        computer: client.computer,
        // The agent of a computer that is renamed has another name than its requests: there is none here.
        ...(client.isRenamed ? {} : { cmid: client.cmid }),
        at,
        sender: sender(at),
        isKmsHost: false,
        rows: random.shuffled(rows),
        rearmsLeft: client.rearmedAt !== undefined && at >= client.rearmedAt ? 2 : 3,
        intervalSeconds: 14_400,
      },
      client.importedUntil,
    );
    schedule(clock + random.whole(24, 96) * HOUR, () => readClient(client));
  };

  const progress = (readUntil: Instant, oldest: Instant, gaps = 0): Progress => ({ readUntil, oldest, gaps });
  const dropped = (at: Instant): number => (at < upgradedAt ? Math.floor((at - start) / (10 * DAY)) : 0);
  const clientHeartbeat = ({ computer, sender }: Pick<Client, "computer" | "sender">, at: Instant) => ({
    kind: "heartbeat",
    computer,
    at,
    sender: sender!(at),
    application: progress(at, start - 40 * DAY),
    droppedEvents: dropped(at),
  });
  const heartbeatOf = (client: Client): void => {
    emit(clientHeartbeat(client, clock + 1_000));
    schedule(clock + random.whole(48, 168) * HOUR, () => heartbeatOf(client));
  };

  /** The agent reads nothing on the day whose records it loses: it finds the gap afterwards. */
  const readUntil = ({ gapAt, lostRecords }: KmsHost, at: Instant): Instant =>
    lostRecords && at > gapAt! - DAY && at <= gapAt! ? gapAt! - DAY : at;
  const hostHeartbeat = (host: KmsHost, at: Instant) => ({
    kind: "heartbeat",
    computer: host.name,
    at,
    sender: host.sender(at),
    application: progress(at, host.oldest),
    kms: progress(readUntil(host, at), host.oldest, host.lostRecords && at > host.gapAt! ? 1 : 0),
    droppedEvents: 0,
  });
  const heartbeatOfHost = (host: KmsHost): void => {
    // After the records of this minute, as an agent does.
    emit(hostHeartbeat(host, Math.max(clock + 40_000, host.lastAt + 1)));
    schedule(clock + 12 * HOUR, () => heartbeatOfHost(host));
  };
  const wrongAt = has("one wrong count") ? during() : undefined;
  let wrongShown = false;
  const readHost = (host: KmsHost): void => {
    const at = Math.max(clock + 20_000, host.lastAt + 1);
    const applications = ["windows", ...(host.tables.has("office") ? ["office"] : [])] as const;
    const rows = applications.map((application): LicenseRow => {
      let count = tableOf(host, application).entries.size;
      if (application === "windows" && wrongAt !== undefined && clock > wrongAt && !wrongShown && count > 8) {
        wrongShown = true;
        count -= 7;
      }
      return {
        activationId: HOST_KEYS[application as "windows" | "office"],
        name: `${application} KMS host`,
        application: application as "windows" | "office",
        channel: "kms_host",
        partialProductKey: application === "windows" ? "ABCDE" : "FGHIJ",
        status: 1,
        minutes: 0,
        addon: false,
        reportedClients: count,
        ...(!host.logs && { requiredClients: application === "windows" ? 25 : 5 }),
      };
    });
    emit(
      {
        kind: "reading",
        computer: host.name,
        at,
        sender: host.sender(at),
        isKmsHost: true,
        rows: random.shuffled(rows),
        rearmsLeft: 3,
        intervalSeconds: host.intervalSeconds,
      },
      host.importedUntil,
    );
    host.lastAt = at;
    schedule(clock + random.whole(8, 16) * HOUR, () => readHost(host));
  };

  for (const host of hosts) {
    if (host.reads || !host.logs) schedule(start + random.whole(1, 12) * HOUR, () => readHost(host));
    if (host.heartbeatsFrom !== undefined) schedule(host.heartbeatsFrom, () => heartbeatOfHost(host));
    if (host.lostAt !== undefined) schedule(host.lostAt, () => host.tables.clear());
  }
  for (let i = 1; i <= clientsWanted; i += 1) clients.push(makeClient(i));
  if (has("clones"))
    for (let i = 0; i < random.whole(1, 3); i += 1) {
      const original = random.pick(clients);
      const shared: Partial<Client> = { cmid: original.cmid, hostAt: original.hostAt, targetAt: original.targetAt };
      // Every other clone asks a KMS host of its own choice.
      clients.push(makeClient(100 + i, i % 2 === 0 ? shared : { cmid: original.cmid }));
    }
  const moved = senderOf("moved.contoso.com", "core", "Windows 11", has("moved computer") ? during() : undefined);
  const readMoved = (): void => {
    const base = { computer: "moved.contoso.com", at: clock + 30_000, sender: moved(clock + 30_000) };
    const row = { name: "Windows", application: "windows", partialProductKey: "QX4WD", channel: "mak" } as const;
    const rows: LicenseRow[] = [{ ...row, activationId: MAK, status: 1, minutes: 0, addon: false }];
    emit({ ...base, kind: "reading", isKmsHost: false, rows, rearmsLeft: 3, intervalSeconds: 14_400 });
    schedule(clock + random.whole(24, 96) * HOUR, readMoved);
  };
  schedule(start + HOUR, readMoved);

  while (agenda.length > 0) {
    let next = 0;
    for (const [i, it] of agenda.entries()) {
      const best = agenda[next]!;
      if (it.at < best.at || (it.at === best.at && it.order < best.order)) next = i;
    }
    const [it] = agenda.splice(next, 1);
    clock = minuteOf(it!.at);
    it!.run();
  }

  const later = NOW + HOUR;
  const lastHeartbeats = [
    ...hosts.filter((it) => it.heartbeatsFrom !== undefined).map((it) => hostHeartbeat(it, later)),
    ...clients.filter((it) => it.sender).map((it) => clientHeartbeat(it, later)),
    {
      ...clientHeartbeat({ computer: "moved.contoso.com", sender: moved }, later),
      droppedEvents: 0,
    },
  ].map((it) => ({ uid: uid++, imported: false, ...it }) as unknown as Fact);
  return { seed, features: [...features], facts: inTime(facts), now: NOW, lastHeartbeats };
};

const inTime = (facts: readonly Fact[]): Fact[] => facts.toSorted((a, b) => a.at - b.at || a.uid - b.uid);

/** The order in which facts are delivered. */
export type Order = (facts: readonly Fact[], random: Random) => Fact[];

/** Each entry is delivered to a collector of its own; after all of them the figures must be the same. */
export const ORDERS: Readonly<Record<string, Order>> = {
  chronological: inTime,
  reversed: (facts) => inTime(facts).reverse(),
  shuffled: (facts, random) => random.shuffled(facts),
  "shuffled again": (facts, random) => random.shuffled(facts),
  "with repetitions": (facts, random) => {
    const all = inTime(facts);
    return all.flatMap((it, i) => (random.chance(0.3) ? [it, all[random.whole(0, i)]!] : [it]));
  },
  "two senders": (facts, random) => {
    const sides: [Fact[], Fact[]] = [[], []];
    for (const it of inTime(facts)) sides[random.chance(0.5) ? 0 : 1].push(it);
    const merged: Fact[] = [];
    while (sides[0].length + sides[1].length > 0) {
      const side = sides[0].length > 0 && (sides[1].length === 0 || random.chance(0.5)) ? 0 : 1;
      merged.push(...sides[side].splice(0, random.whole(1, 60)));
    }
    return merged;
  },
  "restart in the middle": inTime,
  "shuffled, with restarts": (facts, random) => random.shuffled(facts),
};
