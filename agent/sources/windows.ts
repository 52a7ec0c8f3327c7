import { kmsReadingOf } from "../../licensing/kms/reading.ts";
import { textOf } from "../../licensing/license.ts";
import type { Computer } from "../../licensing/telemetry/otlp-mapping.ts";
import { MINUTE, SECOND } from "../../licensing/time.ts";
import { openEventThread } from "../win32/event-thread.ts";
import { HungError, readLicenseState } from "../win32/license-thread.ts";
import { machineId } from "../win32/own-computer.ts";
import { eventLogSource, queryOf } from "./event-log.ts";
import type { Gathered } from "./gather.ts";
import { licensingSource } from "./licensing-wmi.ts";
import { asksForReading, debounced, every, onSchedule, secondsBetweenRuns, type Task } from "./schedule.ts";
import type { Source } from "./source.ts";
import { targetTasks } from "./targets.ts";
import type { About, WindowsParts } from "./windows-context.ts";

export interface Windows {
  readonly tasks: readonly Task[];
  /** Whether this computer, or one of its targets, is a KMS host, as far as was read. */
  isKmsHost(): boolean;
  /** What a reading said about the system of a computer. */
  systemOf(host: string): Pick<Computer, "hostId" | "osType" | "osName" | "osVersion"> | undefined;
  close(): Promise<void>;
}

/** Logs are looked at so often even if no signal came: a lost wake-up must not become a silence. */
const LOOK_MS = MINUTE;

/** This computer's event logs and license state, and those of its targets. `gatherAll` reads one source to its end. */
export const openWindows = (parts: WindowsParts, gatherAll: (source: Source) => Promise<Gathered>): Windows => {
  const { config, clock, host, onFatal } = parts;
  const systems = new Map<string, ReturnType<Windows["systemOf"]>>();
  const hostId = machineId();
  const kmsHosts = new Set<string>();
  const about: About = (of, fact, os) => {
    if (kmsReadingOf(fact)?.isKmsHost) kmsHosts.add(of);
    else kmsHosts.delete(of);
    const [osName, osVersion] = [textOf(os?.Caption), textOf(os?.Version)];
    systems.set(of, {
      osType: "windows",
      ...(of === host && hostId && { hostId }),
      ...(osName && { osName }),
      ...(osVersion && { osVersion }),
    });
  };

  const license = licenseTasks(parts, { isKmsHost: () => kmsHosts.has(host), about, gatherAll });
  const soon = debounced(config.license.debounce, clock, () => license[0]!.ask());

  const { channels, max_age: maxAgeMs } = config.events;
  const tasksOf = new Map<string, Task>();
  const thread = openEventThread({
    logs: channels.map((it) => queryOf(it, maxAgeMs)),
    deadlineMs: config.windows.deadline,
    onReady: (channel) => tasksOf.get(channel)?.ask(),
    onLost: onFatal,
  });
  for (const channel of channels) {
    const source = eventLogSource({
      channel,
      host,
      maxAgeMs,
      clock,
      logs: thread,
      name: `event log ${channel}`,
      label: `event log ${channel}`,
      onEvents: (ids) => {
        if (ids.some(asksForReading)) soon.ask();
      },
    });
    tasksOf.set(
      channel,
      every(LOOK_MS, async () => void (await gatherAll(source))),
    );
  }
  return {
    tasks: [...tasksOf.values(), ...license, ...targetTasks(parts, about, gatherAll)],
    isKmsHost: () => kmsHosts.size > 0,
    systemOf: (of) => systems.get(of),
    close: async () => {
      soon.stop();
      await thread.close();
    },
  };
};

/** Two schedules, of which what the computer is chooses one. */
const licenseTasks = (
  { config, clock, random, host, onFatal }: WindowsParts,
  {
    isKmsHost,
    about,
    gatherAll,
  }: { isKmsHost: () => boolean; about: About; gatherAll: (source: Source) => Promise<Gathered> },
): Task[] => {
  const { schedule, jitter, kms_host_schedule: hostSchedule, kms_host_jitter: hostJitter } = config.license;
  const intervalSeconds = () =>
    isKmsHost()
      ? secondsBetweenRuns(hostSchedule) + hostJitter / SECOND
      : secondsBetweenRuns(schedule) + jitter / SECOND;
  const source = licensingSource({
    host,
    name: "license state",
    label: "license state",
    clock,
    read: async () => {
      try {
        return await readLicenseState({}, config.windows.deadline);
      } catch (cause) {
        if (cause instanceof HungError) onFatal(cause);
        throw cause;
      }
    },
    intervalSeconds,
    onState: (fact, os) => about(host, fact, os),
  });
  const ordinary = onSchedule(schedule, {
    jitterMs: jitter,
    random,
    work: async () => void (await gatherAll(source)),
  });
  const often = onSchedule(hostSchedule, {
    jitterMs: hostJitter,
    random,
    work: async () => {
      if (isKmsHost()) ordinary.ask();
    },
  });
  return [ordinary, often];
};
