import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { eventLogSource, KMS } from "../../../agent/sources/event-log.ts";
import { isOverdue, localReader, retrying } from "../../../agent/sources/windows-license.ts";
import { afterAwake } from "../../../agent/win32/awake-deadline.ts";
import { HungError, type LicenseState } from "../../../agent/win32/licenses/license-thread.ts";
import { ERROR } from "../../../agent/win32/wevtapi.ts";
import { WindowsError } from "../../../agent/win32/windows-error.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";

const NOW = Date.parse("2026-11-20T08:00:00Z");
afterEach(() => void jest.useRealTimers());

test.each([
  ["read a moment ago", NOW - MINUTE, false],
  ["just before its time", NOW - 4.5 * HOUR, false],
  ["asleep at its time", NOW - 10 * HOUR, true],
  ["the clock was set back behind it", NOW + HOUR, true],
])("a reading is overdue: %s", (_, lastAt, overdue) => {
  expect(isOverdue(lastAt, NOW, 4.5 * HOUR)).toBe(overdue);
});

test("after a failure it is read again within minutes, six times at most, and anew after a success", () => {
  jest.useFakeTimers({ now: NOW });
  const askedAt: number[] = [];
  const retries = retrying(() => {
    askedAt.push((Date.now() - NOW) / MINUTE);
    retries.after(false);
  });
  retries.after(false);
  jest.advanceTimersByTime(5 * HOUR);
  expect(askedAt).toEqual([1, 3, 7, 15, 31, 61]);
  retries.after(true);
  retries.after(false);
  jest.advanceTimersByTime(MINUTE);
  expect(askedAt).toHaveLength(7);
  retries.stop();
  jest.advanceTimersByTime(DAY);
  expect(askedAt).toHaveLength(7);
});

describe("a deadline", () => {
  test("counts the time awake, in slices, and can be cancelled", () => {
    jest.useFakeTimers({ now: NOW });
    let late = 0;
    afterAwake(90 * SECOND, () => {
      late += 1;
    });
    const cancel = afterAwake(90 * SECOND, () => {
      late += 100;
    });
    jest.advanceTimersByTime(89 * SECOND);
    cancel();
    expect(late).toBe(0);
    jest.advanceTimersByTime(2 * SECOND);
    jest.runOnlyPendingTimers();
    expect(late).toBe(1);
  });
  test("a sleep longer than the deadline is one slice of it", async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      afterAwake(1_300, () => {
        order.push("late");
        resolve();
      });
    });
    for (const end = performance.now() + 1_500; performance.now() < end; );
    setTimeout(() => order.push("awake for a while"), 50);
    await done;
    expect(order).toEqual(["awake for a while", "late"]);
  });
  test("lets an answer that lies ready come first", async () => {
    const { port1, port2 } = new MessageChannel();
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      port1.on("message", () => void order.push("answer"));
      afterAwake(20, () => {
        order.push("late");
        resolve();
      });
    });
    port2.postMessage("ready");
    // A busy loop is to the event loop what a sleep is: both are due when it goes on.
    for (const end = performance.now() + 40; performance.now() < end; );
    await done;
    port1.close();
    expect(order).toEqual(["answer", "late"]);
  });
});

describe("license state of this computer", () => {
  const full: LicenseState = { products: [] };
  const bySlc: LicenseState = { products: [], degraded: true };
  /** WMI whose calls hang until a test lets them come back. */
  const reader = () => {
    const asked: string[] = [];
    const fatal: string[] = [];
    const hanging: (() => void)[] = [];
    const it = { now: NOW, wmi: "hangs" as "hangs" | "answers", slc: "answers" as "hangs" | "answers" };
    const hang = (call: string): never => {
      throw new HungError(call, 90, new Promise((resolve) => hanging.push(resolve)));
    };
    const read = localReader({
      deadlineMs: 90 * SECOND,
      clock: () => it.now,
      onFatal: (cause) => fatal.push(cause.message),
      ask: async ({ onlySlc }) => {
        asked.push(onlySlc ? "slc" : "wmi");
        if (onlySlc) return it.slc === "hangs" ? hang("slc.dll") : bySlc;
        return it.wmi === "hangs" ? hang("SoftwareLicensingProduct") : full;
      },
    });
    return { asked, fatal, hanging, it, read };
  };

  test("two calls of WMI that hang are no third one; when one comes back WMI is asked again", async () => {
    const { asked, hanging, it, read } = reader();
    for (let i = 0; i < 4; i++) expect(await read()).toMatchObject({ degraded: true, hung: expect.any(String) });
    expect(asked).toEqual(["wmi", "slc", "wmi", "slc", "slc", "slc"]);
    it.wmi = "answers";
    hanging[0]!();
    await Promise.resolve();
    await Promise.resolve();
    expect(await read()).toBe(full);
  });

  test("slc.dll that hangs as well is a failure, and is not asked again meanwhile", async () => {
    const { asked, it, read } = reader();
    it.slc = "hangs";
    await expect(read()).rejects.toThrow("slc.dll did not come back");
    await expect(read()).rejects.toThrow("slc.dll did not come back");
    expect(asked).toEqual(["wmi", "slc", "wmi"]);
  });

  test("the process ends only when nothing came back for half a day", async () => {
    const { fatal, it, read } = reader();
    await read();
    it.now += 11 * HOUR;
    await read();
    expect(fatal).toEqual([]);
    it.now += 2 * HOUR;
    await read();
    expect(fatal).toEqual(["WMI has not come back from SoftwareLicensingProduct for 12 hours."]);
  });
});

test("no Key Management Service log is no failure where there is no KMS host, and one where there is", async () => {
  let isKmsHost = false;
  const log = eventLogSource({
    channel: KMS,
    host: "pc1.contoso.com",
    maxAgeMs: DAY,
    clock: () => NOW,
    logs: {
      read: async () => {
        throw new WindowsError("EvtQuery", ERROR.channelNotFound);
      },
    },
    name: "log",
    label: "log",
    isAbsent: (code) => code === ERROR.channelNotFound && !isKmsHost,
    onEvents: () => {},
  });
  expect(await log.read(undefined, AbortSignal.timeout(1_000))).toEqual({ facts: [] });
  isKmsHost = true;
  await expect(log.read(undefined, AbortSignal.timeout(1_000))).rejects.toThrow("15007");
});
