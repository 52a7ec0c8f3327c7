import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { openKernel32 } from "../kernel32.ts";
import { type Handle, NONE, openEventLogApi } from "../wevtapi.ts";
import { WindowsError } from "../windows-error.ts";
import type { EventReader } from "./event-reader.ts";
import type { EventsReply, EventsRequest, EventsSetup } from "./event-thread.ts";
import { queryReader } from "./query-reader.ts";
import { type Signal, subscriptionReader } from "./subscription-reader.ts";

// The thread that waits for event logs. It blocks in Windows, so it has nothing else to do: what is wanted of it comes as a
// message and a kernel event that wakes it; what it has to tell goes out as messages.
const { server, logs, nextTimeoutMs } = workerData as EventsSetup;
const port = parentPort!;
const kernel32 = openKernel32();
const api = openEventLogApi(kernel32, { timeoutMs: nextTimeoutMs });

const MANUAL = 1;
const AUTO = 0;
const newEvent = (manual: number): Handle => {
  const handle = kernel32.CreateEventW(null, manual, 0, null) as Handle | null;
  if (handle === null) throw new WindowsError("CreateEventW", kernel32.GetLastError());
  return handle;
};

const command = newEvent(AUTO);
const WAIT_OBJECT_0 = 0;
/** The loop below resets a signal that woke it, and keeps it for the reader. */
const rung = new Set<Handle>();
const newSignal = (): Signal => {
  const handle = newEvent(MANUAL);
  return {
    handle,
    taken: () => {
      const isSet = kernel32.WaitForSingleObject(handle, 0) === WAIT_OBJECT_0;
      // Reset before the log is read: what comes in between sets it again.
      if (isSet) kernel32.ResetEvent(handle);
      return rung.delete(handle) || isSet;
    },
  };
};
const signals = server === undefined ? logs.map(newSignal) : [];
const readers = new Map<string, EventReader>();
let session: Handle = NONE;

const readerOf = (channel: string): EventReader => {
  const known = readers.get(channel);
  if (known) return known;
  if (server !== undefined && session === NONE) session = api.openSession(server);
  const at = logs.findIndex((it) => it.channel === channel);
  const [log, signal] = [logs[at]!, signals[at]];
  const reader = signal
    ? subscriptionReader(api, { signal, log }, Date.now)
    : queryReader(api, { session, log }, Date.now);
  readers.set(channel, reader);
  return reader;
};

/** After a failure over the network the session itself may be broken: everything is opened anew. */
const forgetSession = (): void => {
  if (server === undefined) return;
  for (const it of readers.values()) it.close();
  readers.clear();
  api.close(session);
  session = NONE;
};

const answer = ({ id, channel, position }: Extract<EventsRequest, { id: number }>): EventsReply => {
  try {
    return { id, batch: readerOf(channel).read(position) };
  } catch (cause) {
    if (!(cause instanceof WindowsError)) throw cause;
    forgetSession();
    return { id, failure: { call: cause.call, code: cause.code, message: cause.message } };
  }
};

const WAIT_MS = 60_000;
const WAIT_FAILED = 0xffff_ffff;
const waited = BigUint64Array.from([command, ...signals.map((it) => it.handle)]);

port.postMessage({ command } satisfies EventsReply);
for (let ended = false; !ended; ) {
  const woken = kernel32.WaitForMultipleObjects(waited.length, waited, 0, WAIT_MS) as number;
  if (woken === WAIT_FAILED) throw new WindowsError("WaitForMultipleObjects", kernel32.GetLastError());
  const log = logs[woken - 1];
  if (log) {
    const { handle } = signals[woken - 1]!;
    kernel32.ResetEvent(handle);
    rung.add(handle);
    port.postMessage({ ready: log.channel } satisfies EventsReply);
  }
  for (let it = receiveMessageOnPort(port); it; it = receiveMessageOnPort(port)) {
    const request = it.message as EventsRequest;
    if ("end" in request) ended = true;
    else port.postMessage(answer(request));
  }
}
for (const it of readers.values()) it.close();
if (session !== NONE) api.close(session);
for (const it of signals) kernel32.CloseHandle(it.handle);
port.close();
