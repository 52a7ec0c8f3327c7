import { isManaged } from "../account-sid.ts";
import { registryBytes, registryNumber, registryText } from "../registry.ts";
import { type EventLogApi, NONE, openEventLogApi } from "../wevtapi.ts";
import type { Found } from "./selftest-check.ts";

const START = ["boot", "system", "automatic", "manual", "disabled"];
/** SC_ACTION_TYPE */
const ACTIONS = ["none", "restart", "reboot", "command"];

/** As the registry has it: the service manager shows some of it to administrators only. */
export const registered = (name: string): Found => {
  const key = `SYSTEM\\CurrentControlSet\\Services\\${name}`;
  const account = registryText(key, "ObjectName");
  const actions = actionsIn(registryBytes(key, "FailureActions"));
  return {
    present: account !== undefined,
    is_managed_account: account === undefined ? null : isManaged(account),
    marked_managed: registryBytes(key, "ServiceAccountManaged") !== undefined,
    local_system: account === undefined ? null : /^localsystem$/i.test(account),
    start: START[registryNumber(key, "Start") ?? -1] ?? null,
    delayed: registryNumber(key, "DelayedAutostart") === 1,
    sid_type: registryNumber(key, "ServiceSidType") ?? 0,
    required_privileges: registryBytes(key, "RequiredPrivileges") !== undefined,
    recovery: actions?.join(", ") ?? null,
    recovery_without_crash: registryNumber(key, "FailureActionsOnNonCrashFailures") === 1,
    preshutdown_ms: registryNumber(key, "PreshutdownTimeout") ?? null,
    pipe_timeout_ms: registryNumber("SYSTEM\\CurrentControlSet\\Control", "ServicesPipeTimeout") ?? null,
  };
};

const HEAD_BYTES = 20;
/** SERVICE_FAILURE_ACTIONS as the registry keeps it: period, two pointers and a count of four bytes each, pairs of action and delay. */
const actionsIn = (bytes: Buffer | undefined): string[] | undefined => {
  if (bytes === undefined || bytes.length < HEAD_BYTES) return undefined;
  const count = Math.min(bytes.readUInt32LE(12), Math.floor((bytes.length - HEAD_BYTES) / 8));
  return Array.from({ length: count }, (_, i) => {
    const at = HEAD_BYTES + i * 8;
    return `${ACTIONS[bytes.readUInt32LE(at)] ?? "other"} after ${bytes.readUInt32LE(at + 4)} ms`;
  });
};

const WEEK_MS = 604_800_000;
/** 7031, 7034: a service ended unexpectedly; 7024: with its own code; 7000, 7009: it did not start (in time). */
const ENDED = [7031, 7034];
const OTHERS = [7024, 7000, 7009];
const EVENTS_MAX = 1_000;

/** How often the service ended in the last week, as the service manager wrote into the System log. */
export const restarts = (displayName: string, api: EventLogApi = openEventLogApi()): Found => {
  const ids = [...ENDED, ...OTHERS].map((it) => `EventID=${it}`).join(" or ");
  const query = `*[System[Provider[@Name='Service Control Manager'] and (${ids}) and TimeCreated[timediff(@SystemTime) <= ${WEEK_MS}]]]`;
  const set = api.query(NONE, "System", query);
  const counts = new Map<number, number>();
  try {
    for (let seen = 0; seen < EVENTS_MAX; ) {
      const found = api.next(set, 32);
      if ("error" in found) break;
      for (const event of found.events) {
        seen += 1;
        const xml = api.xmlOf(event);
        api.close(event);
        const id = Number(/<EventID[^>]*>(\d+)</.exec(xml)?.[1]);
        if (xml.includes(`>${displayName}<`)) counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
  } finally {
    api.close(set);
  }
  const sum = (them: readonly number[]) => them.reduce((all, it) => all + (counts.get(it) ?? 0), 0);
  return { unexpected_ends: sum(ENDED), other_failures: sum(OTHERS) };
};
