import { isIP } from "node:net";
import { validate } from "node-cron";
import * as z from "zod";
import { type Environment, loadConfiguration } from "../config/load.ts";
import { byteSize, duration, interval, listenAddress } from "../config/quantity.ts";
import { domainOfSrv, kmsTargetOf, targetText } from "../licensing/kms/probe.ts";
import { ZONE_NAME } from "../licensing/zones.ts";
import { unprotected } from "./exposure.ts";

const name = z.string().min(1).max(253);
const path = z.string().min(1).max(4_096);
/** A file that must be there; one that the agent makes. */
const [file, ownFile] = [path.meta({ "x-file": "read" }), path.meta({ "x-file": "made" })];
const cron = z.string().refine(validate, "write a cron expression of five fields, e.g. 0 */4 * * *");
const kmsTarget = z
  .string()
  .refine((it) => kmsTargetOf(it) !== undefined, "write host or host:port, an IPv6 address as [address]:port")
  .transform((it) => targetText(kmsTargetOf(it)!));
const domain = z
  .string()
  .refine((it) => domainOfSrv(it) !== undefined, "write a DNS domain, e.g. contoso.com")
  .transform((it) => domainOfSrv(it)!);
const dnsServer = z
  .string()
  .refine((it) => isDnsServer(it), "write an address or address:port, e.g. 192.0.2.53 or [2001:db8::53]:53");

/** Every key of agent.yaml, with default and meaning; docs/configuration.md is made from it. */
export const agentSchema = z.strictObject({
  collector: z
    .strictObject({
      url: z
        .string()
        .regex(/^(https?:\/\/[^/\s]+\/?)?$/, "write http://host:port or https://host:port, without a path")
        .default("http://127.0.0.1:4318")
        .describe(
          "The collector's OTLP address, without a path; empty: there is none, and what is read waits in the spool for `agent export`.",
        ),
      insecure: z
        .boolean()
        .default(false)
        .describe(
          "Accept that the token of `token_file` travels in clear text to an `http://` address of another computer.",
        ),
      token_file: file.optional().describe("File that holds the bearer token; read for each delivery."),
      tls: z
        .strictObject({
          ca_file: file
            .optional()
            .describe(
              "CA of the collector's certificate, PEM; then only this one is trusted. Without it: Node's bundled roots and, in the Windows service, Windows' certificate store.",
            ),
          cert_file: file.optional().describe("Client certificate, PEM; its name must be this computer's."),
          key_file: file.optional().describe("Private key of `cert_file`, PEM."),
        })
        .refine((it) => Boolean(it.cert_file) === Boolean(it.key_file), "cert_file and key_file belong together")
        .prefault({}),
    })
    .prefault({}),
  zone: z
    .string()
    .regex(ZONE_NAME, "a zone's name has letters, digits, dots, dashes and underscores, 64 at most")
    .optional()
    .describe("The network zone of this computer; the collector's configuration overrides it."),
  host: name
    .transform((it) => it.toLowerCase())
    .optional()
    .describe("This computer's name, where the one it has itself is not its FQDN."),
  spool: z
    .strictObject({
      directory: ownFile
        .default("./data/spool")
        .describe("Where data that is not delivered yet, and bookmarks, are stored."),
      max_size: byteSize
        .prefault("64MiB")
        .describe(
          "When full, the oldest license states are dropped and event logs are no longer read. Use 512MiB on a large KMS host.",
        ),
    })
    .prefault({}),
  license: z
    .strictObject({
      schedule: cron.default("0 */4 * * *").describe("When license state is read, as cron expression."),
      kms_host_schedule: cron.default("*/15 * * * *").describe("The same on a KMS host, which reports its count."),
      jitter: duration
        .prefault("30m")
        .describe("Random delay of each reading, so that a fleet does not read at the same time."),
      kms_host_jitter: duration.prefault("30s").describe("The same on a KMS host."),
      debounce: duration
        .prefault("10s")
        .describe("Delay between a licensing event and the read it triggers; events within the delay share one read."),
    })
    .prefault({}),
  events: z
    .strictObject({
      channels: z
        .array(name)
        .max(32)
        .refine((it) => new Set(it.map((name) => name.toLowerCase())).size === it.length, "name each log once")
        .default(["Application", "Key Management Service"])
        .describe("Event logs that are read; add `ForwardedEvents` on an event collector."),
      max_age: duration.prefault("30d").describe("How far back logs are read at first start."),
    })
    .prefault({}),
  heartbeat: z
    .strictObject({
      interval: interval.prefault("15m").describe("How often the agent reports how far it has read."),
      kms_host_interval: interval
        .prefault("1m")
        .describe("The same on a KMS host: until then its count can be judged."),
    })
    .prefault({}),
  windows: z
    .strictObject({
      deadline: interval
        .prefault("90s")
        .describe(
          "A call of this computer's own Windows that takes longer counts as hung; time asleep does not count. WMI is then left alone and slc.dll is read; an event log that hangs ends the agent, to be started again by the service manager.",
        ),
    })
    .prefault({}),
  targets: z
    .array(
      z.strictObject({
        host: name.transform((it) => it.toLowerCase()).describe("Its FQDN, as it stands in its own events."),
        channels: z
          .array(name)
          .min(1)
          .default(["Application", "Key Management Service"])
          .describe("Event logs that are read."),
        interval: interval.prefault("1m").describe("How often they are looked at."),
        license: z.boolean().default(true).describe("Read its license state too, on `license.schedule`."),
      }),
    )
    .refine((it) => new Set(it.map(({ host }) => host)).size === it.length, "name each computer once")
    .default([])
    .describe(
      "Other computers that this agent reads over DCOM and remote event log access, as its own account: for Windows on which no agent runs.",
    ),
  recorded: z
    .strictObject({
      files: z
        .array(file)
        .default([])
        .describe("Files of event XML or NDJSON that are followed, where there is no Windows to read."),
      interval: interval.prefault("5s").describe("How often they are looked at."),
      live: z.boolean().default(false).describe("They are being written now: their end is the present."),
    })
    .prefault({}),
  simulated: z
    .strictObject({
      kms_host: name
        .transform((it) => it.toLowerCase())
        .optional()
        .describe(
          "Under this name a KMS host is simulated that falls below its threshold: a fire drill of the way to the page.",
        ),
      falls_in: duration.prefault("1m").describe("Time from the first start until it falls."),
      recovers_after: duration.prefault("5m").describe("Time from then until two clients renew."),
    })
    .prefault({}),
  probes: z
    .strictObject({
      enabled: z
        .boolean()
        .optional()
        .describe("Whether this computer probes at all; by default where `kms_hosts` or `srv_domains` say what."),
      kms_hosts: z
        .array(kmsTarget)
        .max(100)
        .prefault([])
        .describe("KMS hosts that are connected to, as host or host:port; besides those that DNS offers."),
      srv_domains: z
        .array(domain)
        .max(50)
        .prefault([])
        .describe("DNS domains whose `_vlmcs._tcp` is looked up; besides this computer's own."),
      schedule: cron.default("*/5 * * * *").describe("When it probes, as cron expression."),
      jitter: duration
        .prefault("30s")
        .describe("Random delay of each run, so that probers do not run at the same time."),
      timeout: duration
        .refine((it) => it >= 100 && it <= 60_000, "between 100ms and 60s")
        .prefault("5s")
        .describe("For each question to DNS, each connection and each bind."),
      dns_servers: z
        .array(dnsServer)
        .default([])
        .describe("DNS servers that are asked, as address or address:port; by default the system's."),
    })
    .prefault({}),
  log: z
    .strictObject({
      file: ownFile.optional().describe("Log file as JSON lines, beside standard error; three are kept."),
      max_size: byteSize.prefault("5MiB").describe("A log file is exchanged at this size."),
      level: z.enum(["error", "warn", "info", "debug"]).default("info").describe("error, warn, info or debug."),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      listen: z
        .union([z.literal(""), listenAddress])
        .prefault("")
        .describe("Serves this computer's own figures to Prometheus at `/metrics`; empty: does not."),
      insecure: z
        .boolean()
        .default(false)
        .describe(
          "Accept that `metrics.listen` is reachable from other computers: it has neither encryption nor authentication.",
        ),
      textfile: z
        .string()
        .meta({ "x-file": "made" })
        .default("")
        .describe("Writes them to this `.prom` file for windows_exporter's textfile collector; empty: does not."),
    })
    .prefault({}),
});

const isDnsServer = (text: string): boolean => {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  return isIP(text) > 0 || (isIP(v6 ?? v4 ?? "") > 0 && Number(port ?? 53) < 65_536);
};

export type AgentConfig = z.output<typeof agentSchema>;

export const hasCollector = ({ collector }: Pick<AgentConfig, "collector">): boolean => collector.url !== "";

/** Probes are wanted where targets are configured: a whole fleet that connects every five minutes would be a burden. */
export const isProber = ({ enabled, kms_hosts: hosts, srv_domains: domains }: AgentConfig["probes"]): boolean =>
  enabled ?? (hosts.length > 0 || domains.length > 0);

/** @throws ConfigurationError */
export const readAgentConfig = (file: string, text: string, environment: Environment): AgentConfig =>
  loadConfiguration(
    agentSchema.superRefine((it, context) => {
      for (const { path, message } of unprotected(it)) context.addIssue({ code: "custom", path: [...path], message });
    }),
    { file, text, environment },
  );
