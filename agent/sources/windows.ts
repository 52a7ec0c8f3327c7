import { kmsReadingOf } from "../../licensing/kms/reading.ts";
import { textOf } from "../../licensing/license.ts";
import type { Computer } from "../../licensing/telemetry/otlp-mapping.ts";
import { MINUTE, SECOND } from "../../licensing/time.ts";
import { openEventThread } from "../win32/events/event-thread.ts";
import { machineId } from "../win32/own-computer.ts";
import { ERROR } from "../win32/wevtapi.ts";
import { eventLogSource, KMS, queryOf } from "./event-log.ts";
import type { Gathered } from "./gather.ts";
import { asksForReading, debounced, every, type Task } from "./schedule.ts";
import type { Source } from "./source.ts";
import { targetTasks } from "./targets.ts";
import type { About, WindowsParts } from "./windows-context.ts";
import { licenseTasks } from "./windows-license.ts";

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
/** A full spool is asked so often whether the collector has taken some of it. */
const ROOM_MS = 5 * SECOND;

/** This computer's event logs and license state, and those of its targets. `gatherAll` reads one source to its end. */
export const openWindows = (parts: WindowsParts, gatherAll: (source: Source) => Promise<Gathered>): Windows => {
  const { config, clock, host, onFatal } = parts;
  const systems = new Map<string, ReturnType<Windows["systemOf"]>>();
  const hostId = machineId();
  const kmsHosts = new Set<string>();
  const tasksOf = new Map<string, Task>();
  const about: About = (of, fact, os) => {
    const wasKmsHost = kmsHosts.has(of);
    if (kmsReadingOf(fact)?.isKmsHost) kmsHosts.add(of);
    // slc.dll tells too little to say that it is one no more.
    else if (!fact.degraded) kmsHosts.delete(of);
    if (of === host && kmsHosts.has(of) && !wasKmsHost) tasksOf.get(KMS)?.ask();
    const [osName, osVersion] = [textOf(os?.Caption), textOf(os?.Version)];
    systems.set(of, {
      osType: "windows",
      ...(of === host && hostId && { hostId }),
      ...(osName && { osName }),
      ...(osVersion && { osVersion }),
    });
  };

  const license = licenseTasks(parts, { isKmsHost: () => kmsHosts.has(host), about, gatherAll });
  const soon = debounced(config.license.debounce, clock, license.ask);

  const { channels, max_age: maxAgeMs } = config.events;
  const thread = openEventThread({
    logs: channels.map((it) => queryOf(it, maxAgeMs, clock())),
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
      isAbsent: (code) => channel === KMS && code === ERROR.channelNotFound && !kmsHosts.has(host),
      onEvents: (ids) => {
        if (ids.some(asksForReading)) soon.ask();
      },
    });
    const look = async (): Promise<void> => {
      if ((await gatherAll(source)) !== "full") return;
      // The signal was taken, and the spool may have space long before the next look.
      setTimeout(() => tasksOf.get(channel)?.ask(), ROOM_MS).unref();
    };
    tasksOf.set(channel, every(LOOK_MS, look));
  }
  return {
    tasks: [...tasksOf.values(), ...license.tasks, ...targetTasks(parts, about, gatherAll)],
    isKmsHost: () => kmsHosts.size > 0,
    systemOf: (of) => systems.get(of),
    close: async () => {
      soon.stop();
      await thread.close();
    },
  };
};
