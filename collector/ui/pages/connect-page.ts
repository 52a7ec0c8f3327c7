import { html, type Markup } from "../html.ts";
import { document, type PageContext } from "../layout.ts";
import { CONNECT_WAYS, type ConnectWay } from "../locales/page-texts.ts";

/** By which addresses others reach this collector, and what they need. */
export interface Addresses {
  /** Where agents and OpenTelemetry Collectors send to, without a path. */
  readonly otlp: string;
  readonly otlpNeeds: "nothing" | "token" | "certificate";
  /** Only programs on the collector's own computer reach it. */
  readonly otlpOnlyHere: boolean;
  readonly web: string;
  /** `host:port`, as Prometheus lists a target. */
  readonly webTarget: string;
  readonly webOnlyHere: boolean;
}

/** How to connect an agent, an OpenTelemetry Collector and a Prometheus, with the addresses of this collector. */
export const connectPage = (at: Addresses, context: PageContext): string => {
  const { t } = context;
  return document(context, {
    title: t.connect.title,
    content: html`<h1>${t.connect.title}</h1>${connectSections(at, context)}`,
  });
};

/** The same as part of the overview, until the first report arrives. */
export const connectSections = (at: Addresses, { t }: PageContext): Markup => {
  const { connect: c } = t;
  return html`<section><h2>${c.addresses}</h2><dl>
<dt>${c.otlp}</dt><dd><code>${at.otlp}/v1/logs</code> <small>${c.needs[at.otlpNeeds]}</small></dd>
<dt>${c.web}</dt><dd><code>${at.web}/</code></dd><dt>${c.metrics}</dt><dd><code>${at.web}/metrics</code></dd></dl>
${at.otlpOnlyHere && html`<p class="finding watch">${c.otlpOnlyHere}</p>`}${at.webOnlyHere && html`<p class="finding">${c.webOnlyHere}</p>`}</section>
<div class="cards">${CONNECT_WAYS.map((it) => {
    const { title, text } = c.ways[it];
    return html`<section><h2>${title}</h2><p>${text}</p><pre><code>${EXAMPLES[it](at)}</code></pre></section>`;
  })}</div>`;
};

/** Commands and files to copy. */
const EXAMPLES: Readonly<Record<ConnectWay, (at: Addresses) => string>> = {
  agent: ({ otlp, otlpNeeds }) =>
    lines(
      `msiexec /i activation-monitor-agent-x64.msi /qn COLLECTORURL=${otlp}${otlpNeeds === "token" ? " TOKENFILE=\\\\SERVER\\SHARE\\token" : ""}`,
      otlpNeeds === "certificate" && "",
      otlpNeeds === "certificate" && "# C:\\ProgramData\\activation-monitor\\agent.yaml",
      otlpNeeds === "certificate" &&
        "collector: { tls: { cert_file: 'C:\\PKI\\agent.pem', key_file: 'C:\\PKI\\agent.key' } }",
    ),
  otelcol: ({ otlp, otlpNeeds }) =>
    lines(
      "receivers:",
      "  windowseventlog/application: { channel: Application }",
      "  windowseventlog/kms: { channel: Key Management Service }",
      "exporters:",
      "  otlphttp:",
      `    endpoint: ${otlp}`,
      otlpNeeds === "token" && `    headers: { authorization: "Bearer \${env:ACTIVATION_TOKEN}" }`,
      otlpNeeds === "certificate" && "    tls: { cert_file: agent.pem, key_file: agent.key }",
      "service:",
      "  pipelines:",
      "    logs:",
      "      receivers: [windowseventlog/application, windowseventlog/kms]",
      "      exporters: [otlphttp]",
    ),
  prometheus: ({ webTarget, web }) =>
    lines(
      "# prometheus.yaml",
      "scrape_configs:",
      "  - job_name: activation-monitor",
      web.startsWith("https:") && "    scheme: https",
      `    static_configs: [{ targets: ["${webTarget}"] }]`,
      "rule_files: [/etc/activation-monitor/prometheus/activation-*.rules.yaml]",
      "",
      `activation-monitor alerts build --out /etc/activation-monitor/prometheus --collector ${webTarget}`,
    ),
  files: ({ otlp }) => lines(`activation-monitor collector import --url ${otlp} bundle.zip events.evtx`),
  simulation: ({ otlp }) => lines(`activation-monitor fleet simulate --hosts 50 --url ${otlp}`),
};

const lines = (...all: readonly (string | false)[]): string => all.filter((it) => it !== false).join("\n");
