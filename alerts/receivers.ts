import { alertmanagerConfig, GROUPING } from "./alertmanager.ts";

/** Where the services of the examples are; secrets are in files that only Alertmanager can read. */
export interface Services {
  readonly smtp: string;
  readonly slack: { readonly api_url: string } | { readonly api_url_file: string };
  readonly pagerDuty: string;
  /** A service that raises the alarm when it is no longer called, e.g. one at healthchecks.io or PagerDuty. */
  readonly deadMansSwitch: string;
  /** Only for a test: a mail server without TLS. */
  readonly smtpTls?: false;
}

const SECRETS = "/etc/alertmanager";
export const EXAMPLE_SERVICES: Services = {
  smtp: "smtp.contoso.com:587",
  slack: { api_url_file: `${SECRETS}/slack-url` },
  pagerDuty: "https://events.pagerduty.com/v2/enqueue",
  deadMansSwitch: "https://hc-ping.example/REPLACE-ME",
};

const TEXT = '{{ template "activation.text" . }}';
const SUBJECT = '{{ template "activation.subject" . }}';
const FIRST = "(index .Alerts 0)";

/**
 * A whole Alertmanager configuration: critical alerts go to PagerDuty and by mail, others to mail and Slack, and the Watchdog to
 * a dead man's switch every minute. Alertmanager 0.25 or newer.
 */
export const exampleConfig = (services: Services = EXAMPLE_SERVICES): object => {
  const { smtp, smtpTls, slack, pagerDuty, deadMansSwitch } = services;
  const config = alertmanagerConfig({ pageUrl: "", notifyUrl: "" }, GROUPING) as {
    route: { routes: { matchers: string[]; receiver: string }[] };
  };
  const [, ...routes] = config.route.routes;
  const mail = {
    to: "it-operations@contoso.com",
    send_resolved: true,
    html: '{{ template "activation.html" . }}',
    text: TEXT,
    headers: { Subject: SUBJECT },
  };
  return {
    global: {
      smtp_smarthost: smtp,
      smtp_from: "alertmanager@contoso.com",
      ...(smtpTls === false
        ? { smtp_require_tls: false }
        : { smtp_auth_username: "alertmanager@contoso.com", smtp_auth_password_file: `${SECRETS}/smtp-password` }),
      pagerduty_url: pagerDuty,
    },
    templates: ["activation.tmpl"],
    ...config,
    route: {
      ...config.route,
      routes: [
        {
          matchers: ['alertname="Watchdog"'],
          receiver: "dead-mans-switch",
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "1m",
        },
        ...routes,
      ],
    },
    receivers: [
      {
        name: "page",
        pagerduty_configs: [
          {
            ...(smtpTls === false ? { routing_key: "x".repeat(32) } : { routing_key_file: `${SECRETS}/pagerduty-key` }),
            description: SUBJECT,
            severity: '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}',
            details: { text: TEXT },
            links: [{ href: `{{ ${FIRST}.Annotations.runbook_url }}`, text: "Runbook" }],
          },
        ],
        email_configs: [mail],
      },
      {
        name: "notify",
        email_configs: [mail],
        slack_configs: [
          {
            ...slack,
            channel: "#activation",
            send_resolved: true,
            title: SUBJECT,
            title_link: `{{ ${FIRST}.Annotations.runbook_url }}`,
            text: TEXT,
          },
        ],
      },
      { name: "dead-mans-switch", webhook_configs: [{ url: deadMansSwitch, send_resolved: false }] },
      { name: "none" },
    ],
  };
};

/** Receivers for Microsoft Teams (a workflow's address), to be put in place of Slack. Alertmanager 0.28 or newer. */
export const teamsReceiver = (): object => ({
  receivers: [
    {
      name: "notify",
      msteamsv2_configs: [
        { webhook_url_file: `${SECRETS}/teams-url`, send_resolved: true, title: SUBJECT, text: TEXT },
      ],
    },
  ],
});
