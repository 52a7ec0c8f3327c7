import { z } from "zod";
import { ZONE_NAME } from "../licensing/zones.ts";
import { type Environment, loadConfiguration } from "../settings/load.ts";
import { byteSize, duration, listenAddress } from "../settings/quantity.ts";

const name = z.string().min(1).max(253);
const hostName = name.transform((it) => it.toLowerCase().replace(/\.$/, ""));
const zoneName = z
  .string()
  .regex(ZONE_NAME, "a zone's name has letters, digits, dots, dashes and underscores, 64 at most");

const tls = z
  .strictObject({ cert_file: name.optional(), key_file: name.optional(), client_ca_file: name.optional() })
  .refine((it) => Boolean(it.cert_file) === Boolean(it.key_file), "cert_file and key_file belong together")
  .default({});

/** Every key of collector.yaml with its default. What a key means stands in docs/configuration.md. */
export const collectorSchema = z.strictObject({
  otlp: z
    .strictObject({
      listen: listenAddress.default({ host: "127.0.0.1", port: 4318 }),
      max_body_size: byteSize.default(20 * 1024 * 1024),
      tls,
      tokens_file: name.optional(),
      forwarders: z.array(hostName).default([]),
    })
    .prefault({}),
  http: z.strictObject({ listen: listenAddress.default({ host: "127.0.0.1", port: 9688 }), tls }).prefault({}),
  store: z
    .strictObject({
      url: z
        .string()
        .regex(/^sqlite:.+/, "write sqlite:FILE")
        .default("sqlite:./data/activation.db"),
    })
    .prefault({}),
  zones: z
    .array(
      z.strictObject({
        name: zoneName,
        kind: z.enum(["core", "isolated", "lab", "disconnected"]).default("core"),
        computers: z.array(name).default([]),
      }),
    )
    .max(100, "at most 100 zones")
    .refine((zones) => new Set(zones.map((it) => it.name)).size === zones.length, "two zones have the same name")
    .default([]),
  kms: z
    .strictObject({
      expected_hosts: z.array(hostName).default([]),
      external_hosts: z.array(hostName).default([]),
      retired_hosts: z.array(hostName).default([]),
      srv_domains: z.array(hostName).default([]),
      products: z
        .array(
          z.strictObject({
            activation_id: z.guid().transform((it) => it.toLowerCase()),
            name: z.string().min(1).max(200),
            application: z.enum(["windows", "office", "office2010"]),
          }),
        )
        .default([]),
    })
    .prefault({}),
  metrics: z.strictObject({ host_series_limit: z.int().min(0).max(10_000).default(500) }).prefault({}),
  stale_after: duration.default(3 * 86_400_000),
  retention: z
    .strictObject({
      events: duration
        .refine((it) => it >= 35 * 86_400_000, "35 days at least: a KMS host's table is computed from its last 30 days")
        .default(90 * 86_400_000),
      computers: duration.default(400 * 86_400_000),
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

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
