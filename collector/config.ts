import { z } from "zod";
import { type CamelKeys, camelKeys } from "../config/camel-case.ts";
import { readSettings } from "../config/file.ts";
import { type Environment, loadConfiguration } from "../config/load.ts";
import { byteSize, duration, interval, listenAddress } from "../config/quantity.ts";
import { KEY_HOSTS_ALLOWED, KEY_REACTIVATIONS_ALLOWED } from "../licensing/kms/key-use.ts";
import { parseNetwork } from "../licensing/networks.ts";
import { ZONE_KINDS } from "../licensing/planning.ts";
import { ZONE_NAME } from "../licensing/zones.ts";
import { contradictions } from "./contradictions.ts";
import { exposureOf } from "./exposure.ts";

const name = z.string().min(1).max(253);
/** A file that must be there. */
const file = z.string().min(1).max(4_096).meta({ "x-file": "read" });
const hostName = name
  .regex(/^[^/\s]*$/, "write the name alone, without http:// and path, e.g. kms01.contoso.com")
  .transform((it) => it.toLowerCase().replace(/\.$/, ""));
const kmsHost = hostName.refine(
  (it) => !/:\d+$/.test(it),
  "write the name alone, without a port, e.g. kms01.contoso.com",
);
const zoneName = z
  .string()
  .regex(ZONE_NAME, "a zone's name has letters, digits, dots, dashes and underscores, 64 at most");

/** Of a program that pages link to. */
const webAddress = z
  .url({ protocol: /^https?$/, error: "write an address as https://grafana.contoso.com" })
  .transform((it) => it.replace(/\/$/, ""));

const tls = z
  .strictObject({
    cert_file: file
      .optional()
      .describe(
        "Certificate of the server, PEM. With `key_file`, the listener uses HTTPS. All TLS files are reloaded on change.",
      ),
    key_file: file.optional().describe("Private key of `cert_file`, PEM."),
    client_ca_file: file
      .optional()
      .describe(
        "CA whose client certificates are accepted; others are refused. PEM. On `otlp` a certificate must name the computer it reports for, or be listed in `otlp.forwarders`. DNS names count; the common name only where there is none.",
      ),
    client_crl_file: file
      .optional()
      .describe(
        "Revoked client certificates, PEM: a list of each CA in `client_ca_file`. When a list has expired, no client is accepted.",
      ),
  })
  .refine((it) => Boolean(it.cert_file) === Boolean(it.key_file), "cert_file and key_file belong together")
  .prefault({});

const allowedHosts = z
  .array(hostName)
  .prefault([])
  .describe(
    "Names that a `Host` header may carry beside this computer's own, on a loopback listener behind a proxy on the same computer. Others are refused (DNS rebinding).",
  );

const insecure = (section: string) =>
  z
    .boolean()
    .default(false)
    .describe(
      `Accept that \`${section}.listen\` is reachable from other computers without encryption or authentication, e.g. behind a proxy that has both. The log, the page and \`check-config\` repeat it as a warning.`,
    );

/** Every key of collector.yaml, with default and meaning; docs/configuration.md is made from it. */
export const collectorSchema = z.strictObject({
  otlp: z
    .strictObject({
      listen: listenAddress
        .prefault("127.0.0.1:4318")
        .describe("Where agents and OpenTelemetry Collectors send OTLP/HTTP logs (`POST /v1/logs`)."),
      max_body_size: byteSize
        .prefault("20MiB")
        .describe(
          "Maximum size of a body after decompression; larger ones are answered with 413, and our agents then send less at once.",
        ),
      tls,
      tokens_file: file
        .optional()
        .describe(
          "Accepted bearer tokens, one per line, 16 characters or more; reloaded on change. Names of computers after a token (`*` as wildcard) limit it to those. If unset, no token is required; allowed on loopback only.",
        ),
      allowed_hosts: allowedHosts,
      insecure: insecure("otlp"),
      forwarders: z
        .array(hostName)
        .prefault([])
        .describe("Hosts that may report events of other computers (event collectors)."),
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: listenAddress.prefault("127.0.0.1:9688").describe("Status page, JSON API, health and `/metrics`."),
      tls,
      basic_auth: z
        .strictObject({
          username: z
            .string()
            .regex(/^[^:]{1,100}$/, "a user's name has no colon")
            .describe("User name for pages, API and metrics; `/-/healthy` and `/-/ready` need none. Use it with TLS."),
          password_file: file.describe(
            "File that holds the password, 8 characters or more, on its only line; reloaded on change.",
          ),
        })
        .optional(),
      allowed_hosts: allowedHosts,
      insecure: insecure("http"),
    })
    .prefault({}),
  links: z
    .strictObject({
      alertmanager: webAddress
        .optional()
        .describe(
          "Alertmanager's address, e.g. `http://127.0.0.1:9093`. The page of a KMS host then shows which of its alerts fire; the collector reads them when the page is opened.",
        ),
      grafana: webAddress
        .optional()
        .describe("Grafana's address, e.g. `https://grafana.contoso.com`. Pages link to its dashboards."),
    })
    .prefault({}),
  store: z
    .strictObject({
      url: z
        .string()
        .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, "write sqlite:FILE or postgres://USER@HOST/DATABASE")
        .refine((it) => !/[?&]password=/.test(it), "use store.password_file instead of a password among the parameters")
        .meta({ "x-file": "sqlite" })
        .default("sqlite:./data/activation.db")
        .describe(
          "Where data is stored. `sqlite:FILE`: created if it does not exist, readable by its owner only; one collector. `postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full&sslrootcert=FILE`: PostgreSQL 14 or later, for one collector or several; the user must own the database or a schema in it. `sslmode=no-verify` encrypts without a check; without `sslmode` nothing is encrypted.",
        ),
      password_file: file
        .optional()
        .describe(
          "File that holds the password of the database's user, read at each connection. Otherwise the file that `PGPASSFILE` names, or `PGPASSWORD`, is used.",
        ),
    })
    .prefault({}),
  zones: z
    .array(
      z.strictObject({
        name: zoneName,
        kind: z.enum(ZONE_KINDS).default("core"),
        computers: z.array(name).prefault([]),
        networks: z
          .array(
            z
              .string()
              .refine(
                (it) => parseNetwork(it) !== undefined,
                "write a network by its first address and its prefix, as 10.7.0.0/16 or 2001:db8::/32",
              ),
          )
          .max(1_000, "at most 1000 networks in a zone")
          .prefault([]),
      }),
    )
    .max(100, "at most 100 zones")
    .refine((zones) => new Set(zones.map((it) => it.name)).size === zones.length, "two zones have the same name")
    .prefault([])
    .describe(
      "`{ name, kind: core | isolated | lab | disconnected, computers: [patterns], networks: [10.7.0.0/16] }`. Overrides the zone that an agent reports: `computers` match names and come first, `networks` match the addresses that the agent reports (`host.ip`), the longest prefix first. A lab never pages.",
    ),
  kms: z
    .strictObject({
      expected_hosts: z
        .array(kmsHost)
        .prefault([])
        .describe(
          "KMS hosts that should exist: they have series before their first report, and any other host is unexpected.",
        ),
      external_hosts: z
        .array(kmsHost)
        .prefault([])
        .describe("KMS hosts of cloud providers: not monitored, they have no series."),
      retired_hosts: z
        .array(kmsHost)
        .prefault([])
        .describe("KMS hosts that no longer exist: their series and alerts end."),
      srv_domains: z.array(hostName).prefault([]).describe("DNS domains in which KMS hosts should be published."),
      key_hosts_allowed: z
        .int()
        .min(1)
        .default(KEY_HOSTS_ALLOWED)
        .describe("Maximum number of KMS hosts per host key; exceeding it raises an alert."),
      key_reactivations_allowed: z
        .int()
        .min(0)
        .default(KEY_REACTIVATIONS_ALLOWED)
        .describe(
          "Maximum number of reactivations of one KMS host with its key; exceeding it raises an alert. The collector counts a host key that was licensed, was not and is again, or that is licensed under another machine ID (a new installation, a rearm).",
        ),
      maintenance: z
        .array(
          z
            .strictObject({
              kms_host: kmsHost,
              from: z.iso.datetime({ offset: true, error: "write a time as 2026-11-20T08:00:00Z" }),
              until: z.iso.datetime({ offset: true, error: "write a time as 2026-11-20T08:00:00Z" }),
              reason: z.string().max(200).default(""),
            })
            .refine((it) => Date.parse(it.from) < Date.parse(it.until), "until must be later than from"),
        )
        .prefault([])
        .describe(
          "`{ kms_host, from, until, reason }`: maintenance windows. In such a window the host's health is `maintenance`: what is wrong is shown and raises no page.",
        ),
      products: z
        .array(
          z.strictObject({
            activation_id: z.guid().transform((it) => it.toLowerCase()),
            name: z.string().min(1).max(200),
            application: z.enum(["windows", "office", "office2010"]),
          }),
        )
        .prefault([])
        .describe(
          "`{ activation_id, name, application: windows | office | office2010 }` of products that the catalog does not know.",
        ),
    })
    .prefault({}),
  inventory: z
    .strictObject({
      file: file
        .optional()
        .describe(
          "Number of computers according to AD or a CMDB, for the worksheet's total: CSV with the columns `zone,computers`, or `computer,zone`. Reloaded on change.",
        ),
    })
    .prefault({}),
  mak: z
    .array(
      z
        .strictObject({
          partial_product_key: z
            .string()
            .regex(/^[A-Za-z0-9]{5}$/, "write the last five characters of the key, never more of it")
            .transform((it) => it.toUpperCase()),
          allowance: z.int().min(1),
          remaining: z.int().min(0).optional(),
          remaining_as_of: z.iso.date("write the day as 2026-11-20").optional(),
        })
        .refine(
          (it) => (it.remaining === undefined) === (it.remaining_as_of === undefined),
          "remaining and remaining_as_of belong together: an old number must not look new",
        ),
    )
    .refine(
      (keys) => new Set(keys.map((it) => it.partial_product_key)).size === keys.length,
      "two entries have the same partial_product_key",
    )
    .prefault([])
    .describe(
      "`{ partial_product_key, allowance, remaining, remaining_as_of }` of each MAK. Only Microsoft's licensing portal and VAMT know what remains: copy it with its date (re-imaging uses up activations that no inventory shows).",
    ),
  metrics: z
    .strictObject({
      host_series_limit: z
        .int()
        .min(0)
        .max(10_000)
        .default(500)
        .describe("Number of computers, those with the soonest deadlines, that have a series of their own."),
      computers: z
        .boolean()
        .default(false)
        .describe(
          "Serves `/metrics/computers`: about four series per computer. Above ten thousand computers, use the API instead.",
        ),
    })
    .prefault({}),
  limits: z
    .strictObject({
      computers: z
        .int()
        .min(1)
        .default(2_000_000)
        .describe(
          "Maximum number of computers. Requests that name further ones are answered with 503, so that their senders keep them.",
        ),
    })
    .prefault({}),
  stale_after: interval.prefault("3d").describe("A computer that has not reported for longer counts as stale."),
  retire: z
    .strictObject({
      after: interval
        .prefault("90d")
        .describe("A computer that is silent for so long is retired: shown, but in no other figure."),
      names: z
        .array(name)
        .prefault([])
        .describe("Patterns of computers that are known to be gone: retired at once, whatever is still heard of them."),
      virtual_desktops: z
        .strictObject({
          names: z
            .array(name)
            .prefault([])
            .describe("Patterns of computers that are made and thrown away, such as pooled virtual desktops."),
          after: interval.prefault("7d").describe("They are retired after so much silence."),
        })
        .prefault({}),
    })
    .prefault({}),
  retention: z
    .strictObject({
      events: duration
        .refine((it) => it >= 35 * 86_400_000, "35 days at least: a KMS host's table is computed from its last 30 days")
        .prefault("90d")
        .describe(
          "How long events are kept; older ones that arrive are acknowledged without effect. At least 35 days.",
        ),
      computers: interval.prefault("400d").describe("A computer that has not reported for this long is deleted."),
    })
    .prefault({}),
});

/** As the collector reads it: the keys of collector.yaml in camel case. */
export type CollectorConfig = CamelKeys<z.output<typeof collectorSchema>>;

/** @throws ConfigurationError, also for what a single key does not show: a listener that others reach, without protection. */
export const readCollectorConfig = (file: string, text: string, environment: Environment): CollectorConfig =>
  camelKeys(
    loadConfiguration(
      collectorSchema.superRefine((it, context) => {
        for (const { path, message } of [...exposureOf(camelKeys(it)).mistakes, ...contradictions(camelKeys(it))])
          context.addIssue({ code: "custom", path: [...path], message });
      }),
      { file, text, environment },
    ),
  );

/**
 * The configuration in a file; without a file every key has its default.
 *
 * @throws ConfigurationError
 */
export const configFrom = (path: string | undefined): CollectorConfig => {
  const { file, text } = readSettings(path);
  return readCollectorConfig(file, text, process.env);
};
