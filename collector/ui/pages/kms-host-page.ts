import type { KmsHostDetail, TableClient } from "../../summary/kms/kms-host-detail.ts";
import type { KmsHostItem } from "../../summary/kms/kms-host-item.ts";
import type { ProbeItem } from "../../summary/kms/probes.ts";
import type { KmsHostTimeline } from "../../summary/timeline/kms-host-timeline.ts";
import { countBar } from "../count-bar.ts";
import { forecastChart } from "../forecast-chart.ts";
import { type AlertsAnswer, hostAlerts } from "../host-alerts.ts";
import { html, type Markup, type Part } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { healthOfItems, LEVELS } from "../levels.ts";
import { row, tableSection } from "../table.ts";
import { diagnosisSection, timelineSection } from "../timeline.ts";
import { distance, time } from "../times.ts";

/** A list shows so many rows; the JSON has all. With them the page stays under 100 KB. */
const ROWS_MAX = 20;
/** Of each product family all clients in the table are shown (50 in a KMS host's largest), and so many of the others. */
const CLIENTS_MAX = 60;
const OTHERS_MAX = 10;

/** One KMS host: its health, its counts, its clients by name, its keys and how others see it. */
export const kmsHostPage = (
  host: KmsHostDetail,
  {
    probes,
    alerts,
    timeline,
  }: {
    readonly probes: readonly ProbeItem[];
    readonly alerts: AlertsAnswer;
    readonly timeline: KmsHostTimeline | undefined;
  },
  context: PageContext,
): string => {
  const { t, grafana } = context;
  const { kms_host: name, items, aliases } = host;
  const level = LEVELS[healthOfItems(items)];
  const findings = [...new Set(items.flatMap((it) => it.findings))];
  const content = html`<h1>${name}${grafana !== undefined && html` <small><a href="${grafana}/d/activation-kms?var-kms_host=${encodeURIComponent(name)}">${t.openDashboard}</a></small>`}</h1>
<p class="verdict ${level}"><b>${t.verdict[level]}</b> ${items[0] && t.inZone(items[0].zone)}</p>
${timeline && diagnosisSection(timeline.diagnosis, context)}
<section class="${level}"><h2>${t.kmsHost.health}</h2>${findings.length === 0 ? html`<p>${t.kmsHost.noFindings}</p>` : findings.map((it) => html`<p class="finding">${it}</p>`)}
${aliases.length > 0 && html`<p class="dim">${t.kmsHost.aliases}: ${aliases.join(", ")}</p>`}</section>
${hostAlerts(items, alerts, context)}
${items.map((it) => counts(it, host.table, context))}
${people(host, context)}
${items.map((it) => clients(it.application, host, context))}
${probeSection(name, probes, context)}
${timeline && timelineSection(timeline.items, `/api/v1/kms-hosts/${encodeURIComponent(name)}/timeline?lang=${context.language}`, context)}`;
  return document(context, { title: name, content });
};

const counts = (it: KmsHostItem, table: readonly TableClient[], context: PageContext): Markup => {
  const { t, now } = context;
  const level = LEVELS[it.health];
  const thresholds = Object.entries(it.thresholds) as [keyof KmsHostItem["thresholds"], { required: number }][];
  const required = [...new Set(thresholds.map(([, threshold]) => threshold.required))].sort((a, b) => a - b);
  const leaves = table
    .filter((client) => client.application === it.application && client.in_table)
    .map((client) => Date.parse(client.leaves_at));
  const known = (value: number | undefined): Part => value ?? "–";
  return html`<section class="${level}"><h2>${t.labels.application[it.application]} <b>${t.health[it.health]}</b></h2>
${countBar(it, level, t)}
${thresholds.map(([productClass]) => thresholdLine(productClass, it, context))}
${leaves.length > 0 && html`<h3>${t.kmsHost.forecast}</h3>${forecastChart(leaves, required, now, t)}`}
<dl><dt>${t.kmsHost.reported}</dt><dd>${known(it.reported_clients)} <small>${time(it.known_until.reported, context)}</small></dd>
<dt>${t.kmsHost.told}</dt><dd>${known(it.told_clients)} <small>${time(it.known_until.clients, context)}</small></dd>
<dt>${t.kmsHost.distinct}</dt><dd>${known(it.distinct_clients)} <small>${time(it.known_until.ledger, context)}</small></dd>
<dt>${t.kmsHost.inTable}</dt><dd>${known(it.table_clients)}${it.cache_size !== undefined && html` <small>${t.kmsHost.tableSize(it.cache_size)}</small>`}</dd>
<dt>${t.kmsHost.lastRequest}</dt><dd>${distance(it.last_request, context)}</dd></dl></section>`;
};

const thresholdLine = (
  productClass: keyof KmsHostItem["thresholds"],
  it: KmsHostItem,
  context: PageContext,
): Markup => {
  const { t, now } = context;
  const { required, health, headroom, below_threshold_at: falls } = it.thresholds[productClass]!;
  return html`<p class="${LEVELS[health]}"><span class="state">${t.labels.productClass[productClass]}: ${t.kmsHost.required(required)} · ${headroom === undefined ? t.kmsHost.countUnknown : t.kmsHost.headroom(headroom)}</span>${falls !== undefined && html` · ${Date.parse(falls) <= now ? t.kmsHost.fell : t.kmsHost.falls} ${distance(falls, context)}`}</p>`;
};

const clients = (application: KmsHostItem["application"], host: KmsHostDetail, context: PageContext): Markup => {
  const { t } = context;
  const all = host.table.filter((it) => it.application === application);
  if (all.length === 0) return html``;
  // Who leaves next comes first.
  const inTable = all.filter((it) => it.in_table).sort((a, b) => (a.leaves_at < b.leaves_at ? -1 : 1));
  const others = all.filter((it) => !it.in_table).slice(0, OTHERS_MAX);
  const shown = [...inTable, ...others].slice(0, CLIENTS_MAX);
  return tableSection(
    t.kmsHost.clients(t.labels.application[application]),
    [t.computer, t.kmsHost.lastRequest, t.kmsHost.leaves, t.kmsHost.inTable],
    shown.map((it) =>
      row([
        client(it.client_fqdn, it.client_machine_id),
        time(it.last_request, context),
        distance(it.leaves_at, context),
        it.in_table ? t.yes : t.no,
      ]),
    ),
    { none: t.none, note: more(all.length - shown.length, host.kms_host, t) },
  );
};

const client = (name: string | undefined, id: string): Markup =>
  name ? html`<a href="/computers/${encodeURIComponent(name)}">${name}</a>` : html`<code>${id}</code>`;

const more = (left: number, host: string, t: PageContext["t"]): Part =>
  left > 0 ? html`<a href="/api/v1/kms-hosts/${encodeURIComponent(host)}">${t.more(left)}</a>` : undefined;

/** Who waits, who is refused, whose clock differs, who shares an identity, and the keys; what is empty in one section. */
const people = (host: KmsHostDetail, context: PageContext): Markup => {
  const { t } = context;
  const lists = listsOf(host, context);
  const empty = lists.filter((it) => it.rows.length === 0);
  return html`${lists
    .filter((it) => it.rows.length > 0)
    .map(({ title, head, rows }) =>
      tableSection(title, head, rows.slice(0, ROWS_MAX), {
        none: t.none,
        note: more(rows.length - ROWS_MAX, host.kms_host, t),
      }),
    )}${empty.length > 0 && html`<section><dl>${empty.map(({ title }) => html`<dt>${title}</dt><dd>${t.none}</dd>`)}</dl></section>`}`;
};

interface List {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly Markup[];
}

const listsOf = (
  { waiting, refused = [], clock_skewed: skewed = [], keys = [], items }: KmsHostDetail,
  context: PageContext,
): List[] => {
  const { t } = context;
  return [
    {
      title: t.kmsHost.waiting,
      head: [t.computer, t.product, t.kmsHost.lastRequest],
      rows: waiting.map((it) =>
        row([
          client(it.client_fqdn, it.client_machine_id),
          t.labels.productClass[it.product_class],
          time(it.last_request, context),
        ]),
      ),
    },
    {
      title: t.kmsHost.refused,
      head: [t.computer, t.product, t.kmsHost.lastRequest],
      rows: refused.map((it) =>
        row([client(it.client_fqdn, it.client_machine_id), it.product, time(it.last_request, context)]),
      ),
    },
    {
      title: t.kmsHost.duplicates,
      head: [t.kmsHost.machineId, t.kmsHost.computers],
      rows: (items[0]?.duplicate_machine_ids ?? []).map((it) =>
        row([html`<code>${it.client_machine_id}</code>`, it.computers.slice(0, 10).join(", ")]),
      ),
    },
    {
      title: t.kmsHost.skewed,
      head: [t.computer, t.kmsHost.off, t.kmsHost.lastRequest],
      rows: skewed.map((it) =>
        row([client(it.client_fqdn, it.client_machine_id), t.minutes(it.minutes_off), time(it.last_request, context)]),
      ),
    },
    {
      title: t.kmsHost.keys,
      head: [t.kmsHost.key, t.product, t.kmsHost.keyGroup, t.status, t.kmsHost.reactivations],
      rows: keys.map((it) =>
        row([
          it.partial_product_key,
          t.labels.application[it.application],
          it.product_group,
          it.status ? t.labels.status[it.status] : "–",
          it.reactivations ?? "–",
        ]),
      ),
    },
  ];
};

const probeSection = (host: string, probes: readonly ProbeItem[], context: PageContext): Markup => {
  const { t } = context;
  const own = probes.filter((it) => it.kms_host === host || it.records?.some((record) => record.target === host));
  return tableSection(
    t.kmsHost.probes,
    [t.kmsHost.probe, t.kmsHost.target, t.kmsHost.prober, t.kmsHost.result, t.kmsHost.since],
    own
      .slice(0, ROWS_MAX)
      .map((it) =>
        row(
          [it.probe, it.target, `${it.prober} (${it.zone})`, it.outcome, distance(it.since, context)],
          it.outcome === "ok" ? "safe" : "risk",
        ),
      ),
    {
      none: t.kmsHost.noProbes,
      ...(own.length > ROWS_MAX && { note: html`<a href="/api/v1/probes">${t.more(own.length - ROWS_MAX)}</a>` }),
    },
  );
};
