import { count } from "./count.ts";
import type { PageTexts } from "./page-texts.ts";

export const pagesEn: PageTexts = {
  openDashboard: "Dashboards",
  summary: {
    overdue: "renewal overdue",
    licenses: "Licenses",
    within: (days) => `computers with a deadline within ${days} days`,
    passed: "computers past their deadline",
    agents: "Agents",
    oldestUnsent: "Oldest undelivered record",
    noComputer: "No computer has reported yet.",
    noLicense: "No license state was read yet: agents on the computers themselves read it.",
  },
  steps: {
    title: "What to do next",
    none: "Nothing to do.",
    runbook: (alert) => `Runbook: ${alert}`,
    notification: (it) =>
      `${count(it, "license is", "licenses are")} in notification state: users see reminders until they are activated.`,
    nonGenuine: (it) => `${count(it, "license")} failed the genuine validation.`,
    deadlines: (it) => `${count(it, "computer reaches", "computers reach")} a license deadline within 7 days.`,
    overdue: (it) => `${count(it, "computer is", "computers are")} overdue for renewal. See why activations fail.`,
    refused: (it) => `The collector refused ${count(it, "request")} since it started.`,
    silent: (it) => `${count(it, "computer has", "computers have")} stopped reporting.`,
    failing: (it) => `${count(it, "agent source")} cannot be read.`,
  },
  alerts: {
    title: "Alerts",
    alert: "Alert",
    since: "Since",
    summary: "Summary",
    none: "No alert condition holds.",
    noneFiring: "No alert of this host fires.",
    byConditions:
      "Alerts whose conditions hold now, by the default thresholds. Some must hold for a while before they fire. Set links.alertmanager to see which ones fire.",
    notAnswering:
      "Alertmanager (links.alertmanager) did not answer. These are the alerts whose conditions hold now, by the default thresholds.",
    states: { firing: "fires", silenced: "silenced", inhibited: "suppressed by another alert" },
  },
  connect: {
    title: "Connect",
    addresses: "Addresses of this collector",
    otlp: "Reports (OTLP/HTTP)",
    web: "Pages and API",
    metrics: "Metrics",
    needs: {
      nothing: "protobuf or JSON; no token is required",
      token: "protobuf or JSON; a bearer token of otlp.tokens_file is required",
      certificate: "protobuf or JSON; a client certificate is required",
    },
    otlpOnlyHere:
      "Only this computer can send reports: the collector listens on loopback. Set otlp.listen (for example 0.0.0.0:4318), otlp.tls and otlp.tokens_file, and restart the collector.",
    webOnlyHere:
      "Only this computer can see the pages and the metrics. Set http.listen, http.tls and http.basic_auth, or use a reverse proxy on this computer.",
    ways: {
      agent: {
        title: "Agent on Windows",
        text: "Install it on KMS hosts first: they are enough for the counts. Clients add license deadlines.",
      },
      otelcol: {
        title: "OpenTelemetry Collector",
        text: "Sends the licensing events of a computer without an agent. It reads no license state, so counts are known and deadlines are not.",
      },
      prometheus: {
        title: "Prometheus and alerts",
        text: "Scrape this collector, and write alert rules, an Alertmanager configuration and the runbook.",
      },
      files: {
        title: "Files",
        text: "Import agent bundles, archived event logs (.evtx) and event exports. Importing a file twice is safe.",
      },
      simulation: { title: "Simulated fleet", text: "Reports as 50 computers, to try things out on a test collector." },
    },
  },
  timeline: {
    diagnosis: "What is wrong, and what to do",
    title: "Timeline",
    time: "Time",
    side: "Observed by",
    what: "What happened",
    meaning: "Meaning",
    none: "No licensing events of the last 35 days.",
    json: "All lines as JSON",
    times: (number) => `${number} times`,
    kmsCount: (number) => `count ${number}`,
    sources: { computer: "client", kms_host: "KMS host", prober: "prober", reading: "WMI reading" },
    changes: { status: "License state changed", channel: "Way of activation changed", probe: "Probe result" },
  },
  privacy: {
    title: "Privacy",
    sections: [
      {
        title: "What Microsoft is sent",
        paragraphs: [
          "A KMS client sends nothing to Microsoft: it contacts only your KMS host. A KMS host contacts Microsoft once, when its key is activated, and again after it moved to other hardware.",
          "For the activation of a KMS host or of a MAK, Windows sends the following (Volume Activation Planning Guide, Appendix A). Microsoft states that it does not use this to identify or contact an organization or a user.",
        ],
        list: [
          "the product key",
          "the edition of the operating system and the channel that it came from",
          "the current date",
          "the conditions of license and activation",
          "a hash of the hardware ID, which cannot be reversed and is not unique",
          "the language settings",
          "the IP address, only to see where the request comes from",
        ],
      },
      {
        title: "What this product sends",
        paragraphs: [
          "Agents send to your collector, and the collector sends nothing to anyone. Neither contacts Microsoft or the authors of this product. Prometheus, Alertmanager and Grafana read from the collector; alerts go where you configure them.",
        ],
      },
      {
        title: "What this product stores, and of whom",
        paragraphs: [
          "The collector stores data about computers, not about people. A computer's name can tell whose computer it is: treat the database, these pages and exports accordingly.",
        ],
        list: [
          "of each computer: name, addresses, operating system, zone, licenses with status and deadlines, the last five characters of product keys, the KMS host that it uses, when it was last heard of",
          "of each activation request: the client's name and client machine ID, the time, the result, the product",
          "of each KMS host: counts, host keys (last five characters), names in DNS, results of probes",
          "licensing events as Windows wrote them, for the time in retention.events (90 days by default); computers that do not report are deleted after retention.computers (400 days by default)",
          "refused requests: address, cause and time, until the collector restarts",
        ],
      },
      {
        title: "What it does not store",
        paragraphs: [
          "Full product keys are never read, and texts that look like one are removed. The agent does not read user accounts, files or other event providers. Bundles and support bundles can replace names, users and addresses by keyed hashes (--redact).",
          "Pages use two cookies, for the language and the time zone. They are set only when you choose one.",
        ],
      },
      {
        title: "Activation is no proof of a license",
        paragraphs: [
          "An activated computer proves that its key was accepted, not that you own a license for it. Compare the numbers of computers with your license agreements.",
        ],
      },
    ],
  },
};
