import type { Check } from "../win32/selftest/selftest-thread.ts";
import { type Finding, note, numberOf, problem, when } from "./selftest-finding.ts";

type Of = (name: string) => Check["found"];

const SLOW_START_MS = 20_000;

/** What surrounds the agent: protection of processes, App Control, proxies, the service's past, the disk, the processor. */
export const surroundingsIn = (of: Of): Finding[] => [
  ...protectionIn(of("protection")),
  ...serviceIn(of),
  ...when(of("proxy")?.winhttp || of("proxy")?.account || of("proxy")?.account_script, () =>
    note("A proxy is set for Windows or this account; the agent connects directly."),
  ),
  ...when(of("disk")?.drive === "remote", () =>
    problem("The data folder lies on a network drive; the spool needs a local one."),
  ),
  ...when(typeof of("Windows")?.native_architecture === "string" && of("Windows")?.native_architecture !== "x64", () =>
    note(
      `The processor is ${of("Windows")?.native_architecture}: Windows emulates the program, which no test has seen.`,
    ),
  ),
  ...when(of("power")?.modern_standby === true, () =>
    note("Modern Standby: the computer sleeps often and shortly. Readings that were due are made after the wake-up."),
  ),
];

const protectionIn = (it: Check["found"]): Finding[] => [
  ...when(it?.stack_pivot_check === true || it?.caller_check === true, () =>
    problem(
      "Exploit protection checks the stack of node.exe (StackPivot, CallerCheck) and ends it at the agent's first call of Windows: exclude node.exe of the agent (docs/windows-agent.md, Endpoint protection).",
    ),
  ),
  ...when(it?.stack_pivot_audit === true, () =>
    note("Exploit protection audits the stack of node.exe: each call of the agent may become an event."),
  ),
  ...when(it?.microsoft_signed_only === true || it?.dynamic_code_forbidden === true, () =>
    problem(
      "A policy for node.exe forbids DLLs that are not Microsoft's, or code made at run time: exclude node.exe of the agent.",
    ),
  ),
  ...when(numberOf(it?.foreign_modules) > 0, () =>
    note(`${it?.foreign_modules} DLLs of other programs are loaded into the agent, as endpoint protection does.`),
  ),
  ...when(numberOf(it?.app_control_policies) > 0, () =>
    note(`${it?.app_control_policies} App Control policies: koffi.node needs a rule where DLLs are enforced.`),
  ),
];

const serviceIn = (of: Of): Finding[] => {
  const [service, token] = [of("service"), of("token")];
  const restarts = of("restarts of the service");
  return [
    ...when(service?.start === "disabled", () => problem("The service is disabled.")),
    ...when(service?.is_managed_account === true && service.marked_managed === false, () =>
      problem(
        "The service's account is managed and not marked as such: it does not start after a change of the password (1069). Run: sc managedaccount activation-monitor true",
      ),
    ),
    ...when(
      token?.services_may_log_on === false && service?.local_system === false && service.is_managed_account === false,
      () =>
        problem(
          'NT SERVICE\\ALL SERVICES lacks "Log on as a service", as a GPO that defines this right takes it: a virtual account does not start (1069).',
        ),
    ),
    ...when(numberOf(restarts?.unexpected_ends) > 0, () =>
      problem(
        `The service ended unexpectedly ${restarts?.unexpected_ends} times in the last week (7031, 7034); see agent.log.`,
      ),
    ),
    ...when(numberOf(of("start of the service")?.running_after_ms) > SLOW_START_MS, () =>
      note(
        `The service needed ${Math.round(numberOf(of("start of the service")?.running_after_ms) / 1_000)} seconds to start; Windows gives it 30 (ServicesPipeTimeout).`,
      ),
    ),
  ];
};

/** What the agent relies on: a uint32 that travels as VT_I4, or as what it is. */
const NUMBER = ["19/3", "19/19"];
const NUMBERS = ["LicenseStatus", "LicenseStatusReason", "GracePeriodRemaining", "KeyManagementServiceCurrentCount"];

/** Types of WMI that are others than documented, and how another computer's packets are protected. */
export const wmiTypesIn = (checks: readonly Check[]): Finding[] =>
  checks.flatMap(({ name, found: it }) => {
    if (typeof it?.types === "string") {
      const odd = it.types.split(", ").filter((type) => {
        const [column = "", kinds = ""] = type.split(" ");
        return NUMBERS.includes(column) && !NUMBER.includes(kinds);
      });
      return when(odd.length > 0, () => problem(`${name}: ${odd.join(", ")} is no uint32, as it is documented.`));
    }
    if (!name.startsWith("target ") || !name.endsWith(": proxy blanket")) return [];
    return [
      ...when(it?.proxy === true && numberOf(it.level) < 6, () =>
        problem(`${name}: packets are not sealed (level ${it?.level}); DCOM hardening refuses less than 5.`),
      ),
      ...when(it?.authentication === 10, () =>
        note(`${name}: NTLM, not Kerberos. Write the target's FQDN; a domain without NTLM refuses this.`),
      ),
    ];
  });

/** A log that is off, or that keeps what is old, gets no new events. */
export const logSettingsIn = (checks: readonly Check[]): Finding[] =>
  checks.flatMap(({ name, found: it }) => {
    const [, kind, channel] = /^(settings|time-outs) of (.+)$/.exec(name) ?? [];
    if (kind === "settings")
      return [
        ...when(it?.enabled === false, () => problem(`${channel}: the log is switched off.`)),
        ...when(it?.keeps_old === true, () =>
          problem(`${channel}: the log does not overwrite: once it is full, Windows writes no new events.`),
        ),
      ];
    if (kind === "time-outs")
      return when(it?.within_10000_ms === 1460, () =>
        note(
          `${channel}: the first match is further away than ten seconds of scanning (1460); the first start takes its time.`,
        ),
      );
    return [];
  });
