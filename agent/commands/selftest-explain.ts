import type { Check } from "../win32/selftest/selftest-thread.ts";
import { type Finding, note, numberOf, problem, when } from "./selftest-finding.ts";
import type { Report } from "./selftest-report.ts";
import { logSettingsIn, surroundingsIn, wmiTypesIn } from "./selftest-surroundings.ts";

/** A report in words. */
export const explained = (report: Report): string => {
  const findings = findingsIn(report);
  const lines = findings.map(({ kind, text }) => `${kind === "problem" ? "PROBLEM" : "note   "}  ${text}`);
  const head = `Agent ${report.version} on Windows ${report.windows}, ${report.time}`;
  return `${[head, ...(lines.length > 0 ? lines : ["Nothing to do."])].join("\n")}\n`;
};

/** Findings of a report, in the order in which they should be looked at. Pure. */
export const findingsIn = (report: Report): Finding[] => {
  const of = (name: string): Check | undefined => report.checks.find((it) => it.name === name);
  const findings = [
    ...collectorIn(of("collector")),
    ...serviceIn(of("service"), of("token")),
    ...logsIn(report.checks),
    ...licensingIn(report.checks),
    ...logSettingsIn(report.checks),
    ...wmiTypesIn(report.checks),
    ...machineIn(of),
    ...surroundingsIn((it) => of(it)?.found),
    ...failuresIn(report.checks),
  ];
  return [...findings.filter((it) => it.kind === "problem"), ...findings.filter((it) => it.kind === "note")];
};

const CLOCK_MAX_S = 300;

const collectorIn = (check: Check | undefined): Finding[] => {
  const it = check?.found;
  if (!it) return [];
  const [bundled, store, file] = [it.by_bundled_roots, it.by_windows_store, it.by_ca_file];
  const works = [bundled, store, file, it.plain].includes("connected");
  return [
    ...when(!works, () =>
      problem(
        `The collector is not reached (${[it.plain, file, store, bundled].filter(Boolean).join(", ")}). Look at collector.url, the network and, for codes about certificates, collector.tls.ca_file.`,
      ),
    ),
    ...when(works && file !== undefined && file !== "connected", () =>
      problem(
        `collector.tls.ca_file is not the CA of the collector's certificate (${file}); only that file is trusted once it is named.`,
      ),
    ),
    ...when(bundled !== undefined && bundled !== "connected" && store === "connected", () =>
      note("The collector's CA is known from Windows' store alone: run agent install, so that the service trusts it."),
    ),
    ...when(it.proxy_variables === true, () => note("Proxy variables are set; the agent connects directly.")),
    ...when(Math.abs(numberOf(it.clock_seconds)) > CLOCK_MAX_S, () =>
      problem(`The clocks of collector and computer are ${it.clock_seconds} seconds apart.`),
    ),
  ];
};

const serviceIn = (service: Check | undefined, token: Check | undefined): Finding[] => {
  const [it, who] = [service?.found, token?.found];
  return [
    ...when(it?.present === false, () => note("The service is not registered: agent install.")),
    ...when(it?.present === true && it.recovery_without_crash === false, () =>
      problem("The service is not started again after an error: run agent install as administrator."),
    ),
    ...when(it?.present === true && it.sid_type === 0, () =>
      note("The service has no SID of its own: run agent install as administrator."),
    ),
    ...when(who && who.account === "user or managed account" && who.service === false, () =>
      note("This was run by a person, not by the service: agent selftest --as-service tests the service's rights."),
    ),
    ...when(who?.domain_controller === true && it?.local_system === false, () =>
      note("A domain controller: the service's SID needs access to each log (docs/windows-agent.md, Rights)."),
    ),
    ...when(who?.read_only_controller === true, () =>
      note(
        "A read-only domain controller: grants to accounts and managed accounts of the domain are made on a writable one.",
      ),
    ),
    ...when(who?.domain_controller === true && who.read_only_controller === null, () =>
      note("Windows does not say whether this domain controller is read-only."),
    ),
  ];
};

/** 0 is success; the others are what Windows says where no event is left or no signal came. */
const END = [259, 4317];
const GONE = [1168, 15_011, 15_012];

const logsIn = (checks: readonly Check[]): Finding[] =>
  checks.flatMap(({ name, found: it, milliseconds }) => {
    if (!it) return [];
    const [, kind, channel] = /^(read|strict bookmarks of|subscription to|resume) (.+)$/.exec(name) ?? [];
    if (kind === "read")
      return [
        ...when(numberOf(it.computer_names) > 1, () =>
          note(
            `${channel}: events carry ${it.computer_names} computer names; the agent sends them under the present one.`,
          ),
        ),
        ...when(it.newest_is_own_name === false, () =>
          note(
            `${channel}: the newest event carries another name than this computer's FQDN (not for ForwardedEvents).`,
          ),
        ),
        ...when(numberOf(it.timeouts) > 0, () =>
          note(
            `${channel}: Windows ran out of time ${it.timeouts} times between two matches (1460); the first start takes its time.`,
          ),
        ),
        ...when(it.drained === false, () =>
          problem(`${channel}: the scan did not reach the end within ${Math.round(milliseconds / 1_000)} seconds.`),
        ),
      ];
    if (kind === "strict bookmarks of")
      return [
        ...when(it.last_read !== 0, () =>
          problem(`${channel}: a strict bookmark on the event just read is refused (${it.last_read}).`),
        ),
        ...when(![0, ...GONE].includes(numberOf(it.behind_newest)), () =>
          problem(`${channel}: a bookmark behind the log answers ${it.behind_newest}, which the agent does not know.`),
        ),
        ...when(it.behind_newest === 0, () =>
          problem(`${channel}: a strict bookmark is not strict: a place behind the log is accepted.`),
        ),
      ];
    if (kind === "subscription to")
      return [
        ...when(![0, ...END].includes(numberOf(it.at_end)) || !END.includes(numberOf(it.without_signal)), () =>
          problem(
            `${channel}: EvtNext answers ${it.at_end} at the end and ${it.without_signal} without a signal; 259 and 4317 are expected.`,
          ),
        ),
        ...when(it.first === 0 && it.signal_within_second === false, () =>
          problem(`${channel}: events were there, and the subscription's signal was not set within a second.`),
        ),
      ];
    if (kind === "resume" && it.gap !== undefined)
      return [problem(`${channel}: the place just read is not found again (${it.gap}).`)];
    return [];
  });

const SLOW_MS = 30_000;
const TRACES_MAX = 3;

const licensingIn = (checks: readonly Check[]): Finding[] =>
  checks.flatMap(({ name, ok, found: it, milliseconds }) => [
    ...when(/^(query|ConnectServer)/.test(name) && ok && milliseconds > SLOW_MS, () =>
      note(`${name} took ${Math.round(milliseconds / 1_000)} seconds; windows.deadline must be longer.`),
    ),
    ...when(name === "query SoftwareLicensingProduct" && ok && it?.rows === 0, () =>
      problem("WMI shows no product with a key: an account without enough rights, or nothing is installed."),
    ),
    ...when(name === "traces of the reading" && numberOf(it?.application_records) > TRACES_MAX, () =>
      note(`Reading license state wrote ${it?.application_records} records into Application, by starting sppsvc.`),
    ),
  ]);

const SLOW_DISK_MS = 2_000;
const OLDEST_BUILD = 14_393;

const machineIn = (of: (name: string) => Check | undefined): Finding[] => {
  const [koffi, disk, power, windows] = ["koffi", "disk", "power", "Windows"].map((it) => of(it)?.found);
  return [
    ...when(koffi?.last_error_kept === false, () =>
      problem("Windows' error codes are lost between two calls: this koffi.node must not be used."),
    ),
    ...when(typeof koffi?.sha256 === "string", () => note(`koffi.node ${koffi?.version}, SHA-256 ${koffi?.sha256}`)),
    ...when(numberOf(disk?.twenty_replacements_ms) > SLOW_DISK_MS, () =>
      problem(
        `Replacing a file takes ${Math.round(numberOf(disk?.twenty_replacements_ms) / 20)} ms: a scanner holds it.`,
      ),
    ),
    ...when(power?.fast_startup === 1, () =>
      note(
        "Fast Startup is on: a shutdown does not end the service. Readings that were due are made after the wake-up.",
      ),
    ),
    ...when(typeof windows?.build === "string" && Number(windows.build) < OLDEST_BUILD, () =>
      problem(`Build ${windows?.build} is older than Windows 10 1607 and Server 2016.`),
    ),
  ];
};

const failuresIn = (checks: readonly Check[]): Finding[] =>
  checks
    .filter((it) => !it.ok && it.name !== "collector")
    .map((it) =>
      it.name === "restarts of the service" || it.name === "protection" || it.name === "proxy"
        ? note(`${it.name} could not be looked up: ${it.error?.message}`)
        : it.name === "slc.dll"
          ? note(`slc.dll cannot stand in for WMI: ${it.error?.message}`)
          : problem(`${it.name}: ${it.error?.message ?? "failed"}`),
    );
