import { validate } from "node-cron";
import { z } from "zod";
import { ZONE_NAME } from "../licensing/zones.ts";
import { type Environment, loadConfiguration } from "../settings/load.ts";
import { byteSize, duration, listenAddress } from "../settings/quantity.ts";

const name = z.string().min(1).max(253);
const path = z.string().min(1).max(4_096);
const cron = z.string().refine(validate, "write a cron expression of five fields, e.g. 0 */4 * * *");

/** Every key of agent.yaml with its default. What a key means stands in docs/configuration.md. */
export const agentSchema = z.strictObject({
  collector: z
    .strictObject({
      url: z
        .string()
        .regex(/^https?:\/\/[^/\s]+\/?$/, "write http://host:port or https://host:port, without a path")
        .default("http://127.0.0.1:4318"),
      token_file: path.optional(),
      tls: z
        .strictObject({ ca_file: path.optional(), cert_file: path.optional(), key_file: path.optional() })
        .refine((it) => Boolean(it.cert_file) === Boolean(it.key_file), "cert_file and key_file belong together")
        .prefault({}),
    })
    .prefault({}),
  zone: z
    .string()
    .regex(ZONE_NAME, "a zone's name has letters, digits, dots, dashes and underscores, 64 at most")
    .optional(),
  host: name.transform((it) => it.toLowerCase()).optional(),
  spool: z
    .strictObject({ directory: path.default("./data/spool"), max_size: byteSize.default(64 * 1024 * 1024) })
    .prefault({}),
  license: z
    .strictObject({
      schedule: cron.default("0 */4 * * *"),
      kms_host_schedule: cron.default("*/15 * * * *"),
      jitter: duration.default(30 * 60_000),
      kms_host_jitter: duration.default(30_000),
    })
    .prefault({}),
  events: z
    .strictObject({
      channels: z.array(name).default(["Application", "Key Management Service"]),
      max_age: duration.default(30 * 86_400_000),
    })
    .prefault({}),
  heartbeat: z
    .strictObject({ interval: duration.default(15 * 60_000), kms_host_interval: duration.default(60_000) })
    .prefault({}),
  /** Where there is no Windows to read: files that were recorded there; `live` ones are being written now. */
  recorded: z
    .strictObject({
      files: z.array(path).default([]),
      interval: duration.default(5_000),
      live: z.boolean().default(false),
    })
    .prefault({}),
  log: z
    .strictObject({
      file: path.optional(),
      max_size: byteSize.default(5 * 1024 * 1024),
      level: z.enum(["error", "warn", "info", "debug"]).default("info"),
    })
    .prefault({}),
  metrics: z
    .strictObject({ listen: z.union([z.literal(""), listenAddress]).default(""), textfile: z.string().default("") })
    .prefault({}),
});

export type AgentConfig = z.output<typeof agentSchema>;

/** @throws ConfigurationError */
export const readAgentConfig = (file: string, text: string, environment: Environment): AgentConfig =>
  loadConfiguration(agentSchema, { file, text, environment });
