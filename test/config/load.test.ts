import { expect, test } from "@jest/globals";
import { readCollectorConfig } from "../../collector/config.ts";
import { ConfigurationError } from "../../config/load.ts";

const read = (text: string, environment = {}) => readCollectorConfig("collector.yaml", text, environment);
const mistakes = (text: string, environment = {}): readonly string[] => {
  try {
    read(text, environment);
  } catch (cause) {
    if (cause instanceof ConfigurationError) return cause.mistakes;
    throw cause;
  }
  return [];
};

test("an empty file is a whole configuration", () => {
  const config = read("");
  expect(config.otlp.listen).toEqual({ host: "127.0.0.1", port: 4318 });
  expect(config.http.listen.port).toBe(9688);
  expect(config.retention.events).toBe(90 * 86_400_000);
  expect(Object.isFrozen(config.otlp)).toBe(true);
});

test("file, variables in it, and overrides by the environment", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the configuration's own syntax
  const text = "otlp: { max_body_size: 5MiB, tokens_file: '${SECRETS}/tokens' }\nstale_after: 12h";
  const environment = {
    SECRETS: "/run/secrets",
    ACTIVATION_HTTP_LISTEN: "[::1]:0",
    ACTIVATION_METRICS_HOST_SERIES_LIMIT: "7",
    ACTIVATION_KMS_EXPECTED_HOSTS: "[KMS01.contoso.com]",
  };
  const config = read(text, environment);
  expect(config.otlp).toMatchObject({ maxBodySize: 5 * 1024 ** 2, tokensFile: "/run/secrets/tokens" });
  expect(config.staleAfter).toBe(12 * 3_600_000);
  expect(config.http.listen).toEqual({ host: "::1", port: 0 });
  expect(config.metrics.hostSeriesLimit).toBe(7);
  expect(config.kms.expectedHosts).toEqual(["kms01.contoso.com"]);
});

test("all mistakes are told at once, with place and remedy", () => {
  const text = `
otlp: { lisen: 1, listen: nowhere, max_body_size: 20 MB }
stale_after: three days
retention: { events: 10d }
zones: [ { name: "a b" } ]
kms: { expected_hosts: ["\${NOT_SET}"] }`;
  const all = mistakes(text).join("\n");
  expect(all).toContain("otlp.lisen: this key is not known");
  expect(all).toContain("otlp.listen: write host:port");
  expect(all).toContain("otlp.max_body_size: write a number and a unit");
  expect(all).toContain("stale_after: write a number and a unit");
  expect(all).toContain("retention.events: 35 days at least");
  expect(all).toContain("zones.0.name: a zone's name");
  expect(all).toContain("kms.expected_hosts.0: the variable NOT_SET is not set");
});

test("what is not YAML is told with its line", () => {
  expect(mistakes("otlp: [")).toEqual([expect.stringMatching(/not YAML: .*line 1/s)]);
  expect(mistakes("- a")).toHaveLength(1);
});

test.each([
  ["zones: [{ name: a, kind: corre }]", "zones.0.kind: write one of core, isolated, lab, disconnected"],
  ["zones: [{ kind: core }]", "zones.0.name: it is missing; write it"],
  ["kms: { expected_hosts: a }", "kms.expected_hosts: write a list, e.g. [a, b]"],
  ["kms: { expected_hosts: [1] }", "kms.expected_hosts.0: write a text, in quotes"],
  ["kms: { expected_hosts: [''] }", "kms.expected_hosts.0: it is empty; write a value or remove the key"],
  ["kms: { products: [{ activation_id: x, name: n, application: office }] }", "activation_id: write a GUID, e.g. "],
  ["mak: [{ partial_product_key: ABCDE, allowance: 0.5 }]", "mak.0.allowance: write a whole number"],
  ["metrics: { host_series_limit: -1 }", "metrics.host_series_limit: write 0 or more"],
  ["metrics: { host_series_limit: 10001 }", "metrics.host_series_limit: write 10000 at most"],
  ["otlp: { listen: 4318 }", "otlp.listen: write host:port, e.g. 127.0.0.1:4318"],
  ["otlp: { tokens_file: }", "otlp.tokens_file: nothing is written here; write a value or remove the key"],
  ["otlp: text", "otlp: write keys with their values"],
  ["stale_after: 3", "stale_after: write a number and a unit (ms, s, m, h, d), e.g. 30m"],
])("%s: what to write instead is told", (text, words) => {
  expect(mistakes(text)).toEqual([expect.stringContaining(words)]);
});

test("a section in which every key is a comment has its defaults", () => {
  expect(read("http:\notlp:\n  tls:\n").http.listen.port).toBe(9688);
});

test("a mistake from the environment names its variable", () => {
  expect(mistakes("", { ACTIVATION_HTTP_LISTEN: "here", ACTIVATION_KMS_EXPECTED_HOSTS: "[1]" })).toEqual([
    "http.listen (from ACTIVATION_HTTP_LISTEN): write host:port, e.g. 127.0.0.1:4318",
    expect.stringContaining("kms.expected_hosts.0 (from ACTIVATION_KMS_EXPECTED_HOSTS): write a text"),
  ]);
});
