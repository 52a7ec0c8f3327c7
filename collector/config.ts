import { z } from "zod";
import { type Environment, loadConfiguration } from "../config/load.ts";
import { byteSize, duration, listenAddress } from "../config/quantity.ts";
import { KEY_HOSTS_ALLOWED, KEY_REACTIVATIONS_ALLOWED } from "../licensing/kms/key-use.ts";
import { ZONE_KINDS } from "../licensing/planning.ts";
import { ZONE_NAME } from "../licensing/zones.ts";

const name = z.string().min(1).max(253);
const hostName = name.transform((it) => it.toLowerCase().replace(/\.$/, ""));
const zoneName = z
  .string()
  .regex(ZONE_NAME, "a zone's name has letters, digits, dots, dashes and underscores, 64 at most");

const tls = z
  .strictObject({
    cert_file: name.optional().describe("Certificate of the server, PEM. With `key_file` it makes the listener HTTPS."),
    key_file: name.optional().describe("Private key of `cert_file`, PEM."),
    client_ca_file: name
      .optional()
      .describe(
        "CA whose client certificates are let in; others are refused. PEM. On `otlp` a certificate must name the computer it reports for, unless its name stands in `otlp.forwarders`.",
      ),
  })
  .refine((it) => Boolean(it.cert_file) === Boolean(it.key_file), "cert_file and key_file belong together")
  .prefault({});

/** Every key of collector.yaml, with default and meaning; docs/configuration.md is made from it. */
export const collectorSchema = z.strictObject({
  otlp: z
    .strictObject({
      listen: listenAddress
        .prefault("127.0.0.1:4318")
        .describe("Where agents and OpenTelemetry Collectors send OTLP/HTTP logs (`POST /v1/logs`)."),
      max_body_size: byteSize
        .prefault("20MiB")
        .describe("Larger bodies, after decompression, are answered with 413; our agents then send less at once."),
      tls,
      tokens_file: name
        .optional()
        .describe(
          "Bearer tokens, one a line; read again when the file changes. Without it nobody is asked for one, which is accepted on loopback only.",
        ),
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
            .describe(
              "Who may see pages, API and figures; only `/-/healthy` and `/-/ready` are open then. Use TLS with it.",
            ),
          password_file: name.describe("The password of `username`, one a line; read again when the file changes."),
        })
        .optional(),
    })
    .prefault({}),
  store: z
    .strictObject({
      url: z
        .string()
        .regex(/^sqlite:.+/, "write sqlite:FILE")
        .default("sqlite:./data/activation.db")
        .describe("Where facts and sums are kept: `sqlite:FILE`, made where there is none."),
    })
    .prefault({}),
  zones: z
    .array(
      z.strictObject({
        name: zoneName,
        kind: z.enum(ZONE_KINDS).default("core"),
        computers: z.array(name).prefault([]),
      }),
    )
    .max(100, "at most 100 zones")
    .refine((zones) => new Set(zones.map((it) => it.name)).size === zones.length, "two zones have the same name")
    .prefault([])
    .describe(
      "`{ name, kind: core | isolated | lab | disconnected, computers: [patterns] }`. What stands here goes before the zone that an agent says; a lab never pages.",
    ),
  kms: z
    .strictObject({
      expected_hosts: z
        .array(hostName)
        .prefault([])
        .describe(
          "KMS hosts that there should be: they have series before they were ever heard, and any other is unexpected.",
        ),
      external_hosts: z
        .array(hostName)
        .prefault([])
        .describe("KMS hosts of cloud providers: not ours to watch, they have no series."),
      retired_hosts: z.array(hostName).prefault([]).describe("KMS hosts that are gone: their series and alerts end."),
      srv_domains: z.array(hostName).prefault([]).describe("DNS domains in which KMS hosts should be published."),
      key_hosts_allowed: z
        .int()
        .min(1)
        .default(KEY_HOSTS_ALLOWED)
        .describe("So many KMS hosts may use one host key, unless Microsoft has granted more; above it is an alert."),
      key_reactivations_allowed: z
        .int()
        .min(0)
        .default(KEY_REACTIVATIONS_ALLOWED)
        .describe(
          "So often may one KMS host be activated again with its key, after the first time. The collector counts what it sees: a host key that was licensed, was not and is again, or that is licensed under another machine ID (a new installation, a rearm).",
        ),
      maintenance: z
        .array(
          z
            .strictObject({
              kms_host: hostName,
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
          "`{ activation_id, name, application: windows | office | office2010 }` of products that nobody named yet.",
        ),
    })
    .prefault({}),
  inventory: z
    .strictObject({
      file: name
        .optional()
        .describe(
          "How many computers there are by AD or a CMDB, for the worksheet's total: CSV with the columns `zone,computers`, or `computer,zone`. Read again when it changes.",
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
      "`{ partial_product_key, allowance, remaining, remaining_as_of }` of each MAK. What remains is known to Microsoft's licensing portal and VAMT only: copy it with its day (re-imaging uses up activations that no inventory shows).",
    ),
  metrics: z
    .strictObject({
      host_series_limit: z
        .int()
        .min(0)
        .max(10_000)
        .default(500)
        .describe("So many computers with the soonest deadlines have a series of their own."),
      computers: z
        .boolean()
        .default(false)
        .describe(
          "Serves `/metrics/computers`: some four series of every computer. Prometheus holds a few million; above ten thousand computers ask the API instead.",
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
  stale_after: duration.prefault("3d").describe("A computer that is silent for longer counts as stale."),
  retire: z
    .strictObject({
      after: duration
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
          after: duration.prefault("7d").describe("They are retired after so much silence."),
        })
        .prefault({}),
    })
    .prefault({}),
  retention: z
    .strictObject({
      events: duration
        .refine((it) => it >= 35 * 86_400_000, "35 days at least: a KMS host's table is computed from its last 30 days")
        .prefault("90d")
        .describe("Events are kept so long; older ones that arrive are acknowledged without effect. 35 days at least."),
      computers: duration.prefault("400d").describe("A computer that is silent for so long is forgotten."),
    })
    .prefault({}),
});

export type CollectorConfig = z.output<typeof collectorSchema>;

/** @throws ConfigurationError, also for what a single key cannot tell: an open listener without authentication. */
export const readCollectorConfig = (file: string, text: string, environment: Environment): CollectorConfig =>
  loadConfiguration(
    collectorSchema.superRefine((it, context) => {
      if (it.otlp.tokens_file || it.otlp.tls.client_ca_file || isLoopback(it.otlp.listen.host)) return;
      context.addIssue({
        code: "custom",
        path: ["otlp", "listen"],
        message: `${it.otlp.listen.host} is reachable from outside; set otlp.tokens_file (or listen on 127.0.0.1)`,
      });
    }),
    { file, text, environment },
  );

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
