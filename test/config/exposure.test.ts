import { expect, test } from "@jest/globals";
import { readAgentConfig } from "../../agent/config.ts";
import { acceptedRisks } from "../../agent/exposure.ts";
import { readCollectorConfig } from "../../collector/config.ts";
import { exposureOf } from "../../collector/exposure.ts";
import { ConfigurationError } from "../../config/load.ts";
import { isLoopback } from "../../config/loopback.ts";

/** "valid", the warnings of a valid one, or its mistakes. */
const collector = (text: string): string =>
  outcome(() => exposureOf(readCollectorConfig("collector.yaml", text, {})).warnings);
const agent = (text: string): string => outcome(() => acceptedRisks(readAgentConfig("agent.yaml", text, {})));
const outcome = (read: () => readonly string[]): string => {
  try {
    const warnings = read();
    return warnings.length === 0 ? "valid" : `warned: ${warnings.join(" ")}`;
  } catch (cause) {
    if (cause instanceof ConfigurationError) return `refused: ${cause.message}`;
    throw cause;
  }
};

const SERVER = "cert_file: c.pem, key_file: k.pem";
const LOGIN = "basic_auth: { username: u, password_file: p }";
const OPEN = "listen: '0.0.0.0:4317'";

test.each<[string, RegExp]>([
  // A key without effect, on loopback as well.
  [
    "otlp: { tls: { client_ca_file: ca.pem } }",
    /otlp\.tls\.client_ca_file: has no effect without TLS; set otlp\.tls\.cert_file/,
  ],
  ["http: { tls: { client_ca_file: ca.pem } }", /http\.tls\.client_ca_file: has no effect without TLS/],
  ["otlp: { insecure: true, tls: { client_ca_file: ca.pem } }", /has no effect/],
  ["otlp: { tls: { cert_file: c.pem } }", /cert_file and key_file belong together/],
  // Others reach it, and it lacks something.
  [
    `otlp: { ${OPEN} }`,
    /otlp\.listen: 0\.0\.0\.0 .* without encryption and authentication; set otlp\.tls\.cert_file and otlp\.tls\.key_file, and otlp\.tokens_file or otlp\.tls\.client_ca_file/,
  ],
  [`otlp: { ${OPEN}, tokens_file: t }`, /without encryption; set otlp\.tls/],
  [`otlp: { ${OPEN}, tls: { ${SERVER} } }`, /without authentication; set otlp\.tokens_file or/],
  ["otlp: { listen: ':4318', tokens_file: t }", /without encryption/],
  ["otlp: { listen: '[::]:4318', tokens_file: t }", /without encryption/],
  ["otlp: { listen: 'collector.contoso.com:4318', tokens_file: t }", /without encryption/],
  [
    `http: { ${OPEN} }`,
    /http\.listen: .* without encryption and authentication; .* http\.basic_auth or .*http\.insecure: true/,
  ],
  [`http: { ${OPEN}, ${LOGIN} }`, /without encryption/],
  [`http: { ${OPEN}, tls: { ${SERVER} } }`, /without authentication/],
])("%s is refused", (text, words) => {
  expect(collector(text)).toMatch(/^refused: /);
  expect(collector(text)).toMatch(words);
});

test.each([
  "otlp: { tokens_file: t }",
  "otlp: { listen: '127.9.9.9:4318' }",
  "otlp: { listen: 'localhost:4318' }",
  "otlp: { listen: '[::1]:4318' }",
  `otlp: { ${OPEN}, tokens_file: t, tls: { ${SERVER} } }`,
  `otlp: { ${OPEN}, tls: { ${SERVER}, client_ca_file: ca.pem } }`,
  `http: { ${OPEN}, ${LOGIN}, tls: { ${SERVER} } }`,
  `http: { ${OPEN}, tls: { ${SERVER}, client_ca_file: ca.pem } }`,
  "otlp: { insecure: true }",
])("%s is valid, without a warning", (text) => {
  expect(collector(text)).toBe("valid");
});

test.each<[string, RegExp]>([
  [
    `otlp: { ${OPEN}, insecure: true }`,
    /otlp\.insecure: 0\.0\.0\.0 .* without encryption and authentication: all data travels in clear text, and anyone can report for any computer\./,
  ],
  [
    `otlp: { ${OPEN}, insecure: true, tokens_file: t }`,
    /without encryption: the secrets of otlp\.tokens_file travel in clear text\./,
  ],
  [
    `http: { ${OPEN}, insecure: true, tls: { ${SERVER} } }`,
    /http\.insecure: .* without authentication: anyone can see the pages/,
  ],
])("%s is accepted, with a warning", (text, words) => {
  expect(collector(text)).toMatch(/^warned: /);
  expect(collector(text)).toMatch(words);
});

test.each<[string, RegExp]>([
  [
    "collector: { url: 'http://c:4318', tls: { ca_file: ca.pem } }",
    /refused: .*collector\.tls\.ca_file: has no effect.*write https:/,
  ],
  [
    "collector: { url: 'http://127.0.0.1:4318', tls: { cert_file: c, key_file: k } }",
    /tls\.cert_file: has no effect.*\n.*tls\.key_file/,
  ],
  [
    "collector: { url: 'http://c:4318', token_file: t }",
    /refused: .*collector\.token_file: the token would travel in clear text/,
  ],
  [
    "collector: { url: 'http://c:4318', token_file: t, insecure: true }",
    /^warned: collector\.token_file: the token would travel in clear text, because collector\.url is http:\/\/$/,
  ],
  ["collector: { url: 'http://127.0.0.1:4318', token_file: t }", /^valid$/],
  ["collector: { url: 'http://[::1]:4318', token_file: t }", /^valid$/],
  ["collector: { url: 'https://c:4318', token_file: t, tls: { ca_file: ca } }", /^valid$/],
  ["collector: { url: 'http://c:4318' }", /^valid$/],
  ["metrics: { listen: '0.0.0.0:9689' }", /refused: .*metrics\.listen: 0\.0\.0\.0 is reachable/],
  ["metrics: { listen: '0.0.0.0:9689', insecure: true }", /^warned: metrics\.listen/],
  ["metrics: { listen: '127.0.0.1:9689' }", /^valid$/],
])("agent: %s", (text, words) => {
  expect(agent(text)).toMatch(words);
});

test("loopback is what never leaves this computer", () => {
  expect(
    ["127.0.0.1", "127.255.0.9", "::1", "[::1]", "localhost", "LOCALHOST"].filter((it) => !isLoopback(it)),
  ).toEqual([]);
  expect(
    ["0.0.0.0", "::", "10.0.0.1", "1270.0.0.1", "127.example.com", "127.1.1", "", "kms"].filter(isLoopback),
  ).toEqual([]);
});
