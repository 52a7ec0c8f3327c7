import { gzipSync } from "node:zlib";
import type { ProbeFact } from "../../licensing/facts.ts";
import { encodeLogsJson } from "../../otlp/json-writer.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { type Random, randomOf } from "../oracle/random.ts";
import { type Running, runningCollector } from "../support/collector.ts";
import { answered, fromAgent, heartbeat, hostReading, KMS01, licensing, request, sent } from "../support/facts.ts";
import { postTo } from "../support/http.ts";
import { mutated, withOddValues } from "./mutate.ts";
import { faultsOf, type Piece } from "./piece.ts";
import { countedRequests, numbered } from "./stored-requests.ts";

const SENDERS = 6;
const HONEST_EVERY_MS = 100;
/** An honest report is answered within this time (docs/security.md); far more than a busy computer of a test needs. */
const ANSWER_MS = 10_000;
/** What a hostile body may be answered: taken, malformed, too large, another type, later. */
const ANSWERS: ReadonlySet<number> = new Set([200, 400, 413, 415, 429, 503]);
const PAGES = ["/", "/metrics", "/api/v1/kms-hosts", "/api/v1/computers", "/api/v1/worksheet", "/-/ready"];
const HONEST_HOST = "honest.contoso.com";

interface Body {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly gzip: boolean;
}

const PROBE: ProbeFact = {
  kind: "probe",
  probe: "dns_srv",
  target: "contoso.com",
  outcome: "ok",
  latencyMs: 3,
  records: [{ target: KMS01, port: 1688, priority: 0, weight: 0 }],
};

/** Well-formed requests of every kind, from which hostile ones are made. */
const seeds = () => {
  const now = Date.now();
  const groups = [
    fromAgent(
      "hostile.contoso.com",
      [sent({ at: now, client: 1 }), answered({ at: now, client: 1 }), licensing(), heartbeat(now), PROBE],
      now,
    ),
    fromAgent(KMS01, [request({ at: now, client: 1, recordId: 1 }), hostReading(30)], now),
  ];
  return { protobuf: encodeLogs(groups), json: Buffer.from(encodeLogsJson(groups)) };
};

/** Small bodies that grow by a factor of a thousand. */
const BOMBS: readonly Uint8Array[] = [
  gzipSync(Buffer.alloc(64 * 1024 * 1024)),
  gzipSync(Buffer.from(`{"resourceLogs":${"[".repeat(10_000_000)}`)),
  gzipSync(Buffer.from(`{"resourceLogs":[${"{},".repeat(5_000_000)}{}]}`)),
  gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
];

const hostileBody = (random: Random, { protobuf, json }: ReturnType<typeof seeds>): Body => {
  if (random.chance(0.01)) return { type: random.pick(["json", "x-protobuf"]), bytes: random.pick(BOMBS), gzip: true };
  if (random.chance(0.4))
    return { type: "json", bytes: Buffer.from(withOddValues(json.toString(), random)), gzip: false };
  const isJson = random.chance(0.5);
  const bytes = mutated(isJson ? json : protobuf, random);
  const gzip = random.chance(0.2);
  // Now and then the packed bytes are damaged, or the type is the other one's.
  const packed = gzip ? (random.chance(0.3) ? mutated(gzipSync(bytes), random) : gzipSync(bytes)) : bytes;
  return { type: isJson !== random.chance(0.05) ? "json" : "x-protobuf", bytes: packed, gzip };
};

const post = async ({ otlpUrl }: Running, { type, bytes, gzip }: Body): Promise<number> => {
  const headers = { "content-type": `application/${type}`, ...(gzip && { "content-encoding": "gzip" }) };
  const response = await postTo(otlpUrl, bytes, headers);
  await response.arrayBuffer();
  return response.status;
};

/** Bodies that are damaged in every way: each gets an answer, none stops the collector, and honest reports go on. */
export const hostileBodies: Piece = async ({ folder, plan, signal, progress }) => {
  const collector = await runningCollector("", folder);
  const random = randomOf(20_261_127);
  const made = seeds();
  const answers = new Map<number, number>();
  let broken = 0;
  let sentBodies = 0;
  let isOver = false;

  const attack = async (): Promise<void> => {
    while (sentBodies < plan.bodies && !signal.aborted) {
      sentBodies += 1;
      if (sentBodies % 500 === 0) progress(`${sentBodies} of ${plan.bodies} bodies`);
      const status = await post(collector, hostileBody(random, made)).catch(() => undefined);
      if (status === undefined) broken += 1;
      else answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  const latencies: number[] = [];
  let honest = 0;
  let refused = 0;
  const report = async (): Promise<void> => {
    while (!isOver) {
      const bytes = encodeLogs([fromAgent(HONEST_HOST, [{ ...numbered(honest), computer: HONEST_HOST }], Date.now())]);
      const begin = performance.now();
      const status = await post(collector, { type: "x-protobuf", bytes, gzip: false }).catch(() => 0);
      latencies.push(performance.now() - begin);
      if (status === 200) honest += 1;
      else refused += 1;
      await new Promise((resolve) => setTimeout(resolve, HONEST_EVERY_MS));
    }
  };
  try {
    const reporting = report();
    await Promise.all(Array.from({ length: SENDERS }, attack));
    isOver = true;
    await reporting;
    const slowest = Math.max(...latencies);
    const pages = await Promise.all(PAGES.map(async (it) => (await fetch(`${collector.webUrl}${it}`)).status));
    const counted = await countedRequests(collector, HONEST_HOST);
    const unexpected = [...answers.keys()].filter((it) => !ANSWERS.has(it));
    return {
      figures: {
        "hostile bodies": sentBodies,
        ...Object.fromEntries([...answers].sort(([a], [b]) => a - b).map(([it, count]) => [`answered ${it}`, count])),
        "connections that broke": broken,
        "honest reports": honest,
        "honest reports refused": refused,
        "honest reports counted": counted,
        "slowest honest answer, ms": Math.round(slowest),
      },
      faults: faultsOf({
        [`no answer is unexpected: ${unexpected.join(", ")}`]: unexpected.length === 0,
        "every connection got an answer": broken === 0,
        "pages, API and metrics are answered afterwards": pages.every((it) => it === 200),
        "honest reports are answered meanwhile": honest > 0 && refused === 0 && slowest < ANSWER_MS,
        "honest reports count, each once": counted === honest,
      }),
    };
  } finally {
    isOver = true;
    await collector.stop();
  }
};
