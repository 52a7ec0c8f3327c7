/** Where pages and other alerts go: two webhooks in the example, to be replaced by what the organisation uses. */
export interface Receivers {
  readonly pageUrl: string;
  readonly notifyUrl: string;
}

export interface Grouping {
  readonly wait: string;
  readonly interval: string;
  readonly repeat: string;
}
export const GROUPING: Grouping = { wait: "30s", interval: "5m", repeat: "4h" };

const COUNT_ALERTS =
  "Kms(CountBelowThreshold|ThresholdNotReached|CountNearThreshold|CountForecastBelowThreshold|CountsDisagree|NoRequests)";

const EVERY_OTHER_ALERT = "Kms.+|License.+|ClientClockSkew|Mak.+|Agent.+|Collector(Rejecting|Uninterpreted)Records";

/**
 * Pages on `critical`, but not for a lab; groups by KMS host and zone; a bigger alert silences what it explains. Without
 * receivers Alertmanager shows the alerts and sends none.
 */
export const alertmanagerConfig = (receivers: Receivers | undefined, grouping: Grouping = GROUPING): object => ({
  route: {
    receiver: "notify",
    group_by: ["alertname", "kms_host", "zone"],
    group_wait: grouping.wait,
    group_interval: grouping.interval,
    repeat_interval: grouping.repeat,
    routes: [
      { matchers: ['alertname="Watchdog"'], receiver: "none" },
      { matchers: ['severity="info"'], receiver: "none" },
      { matchers: ['severity="critical"', 'kind!="lab"'], receiver: "page" },
    ],
  },
  inhibit_rules: [
    // Without a collector every other alert is old news; it must not page anew when the collector is back.
    inhibit('alertname="CollectorDown"', `alertname=~"${EVERY_OTHER_ALERT}"`, []),
    inhibit('alertname="KmsHostUnknown"', `alertname=~"${COUNT_ALERTS}|AgentsStale"`, ["kms_host"]),
    inhibit(
      'alertname="KmsHostKeyLost"',
      `alertname=~"${COUNT_ALERTS}|KmsHost(Unknown|Down|Unreachable|NotLicensed)"`,
      ["kms_host"],
    ),
    inhibit('alertname="KmsHostNotLicensed"', 'alertname=~"KmsRequestsFailing|KmsHostGraceEnding|KmsCount.*"', [
      "kms_host",
    ]),
    inhibit('alertname="KmsClientsUncovered"', 'alertname="KmsRequestsFailing",reason="unsupported_product"', [
      "kms_host",
    ]),
    inhibit('alertname="KmsCountBelowThreshold"', 'alertname=~"KmsCount(Near|ForecastBelow)Threshold"', [
      "kms_host",
      "product_class",
    ]),
    inhibit('alertname="KmsCountForecastBelowThreshold"', 'alertname="KmsCountNearThreshold"', [
      "kms_host",
      "product_class",
    ]),
    inhibit('alertname="KmsTableLost"', 'alertname="KmsCountsDisagree"', ["kms_host"]),
    inhibit('alertname="KmsHostDown"', 'alertname=~"Kms(HostUnknown|HostUnreachable|NoRequests)|AgentsStale"', [
      "kms_host",
    ]),
    inhibit('alertname="KmsDnsPublishFailed"', 'alertname="KmsSrvRecordMissing"', ["kms_host", "domain"]),
    inhibit('alertname="LicenseFleetAnomaly"', 'alertname=~"License(ChannelDrift|Notification)"', ["zone"]),
  ],
  receivers: [
    { name: "page", ...(receivers && webhook(receivers.pageUrl)) },
    { name: "notify", ...(receivers && webhook(receivers.notifyUrl)) },
    { name: "none" },
  ],
});

const webhook = (url: string): object => ({ webhook_configs: [{ url, send_resolved: true }] });

const inhibit = (source: string, target: string, equal: readonly string[]): object => ({
  source_matchers: [source],
  target_matchers: [target],
  equal,
});
