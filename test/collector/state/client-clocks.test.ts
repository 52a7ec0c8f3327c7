import { describe, expect, test } from "@jest/globals";
import { DAY, HOUR, MINUTE, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { heartbeat, KMS01, licensing, request } from "../../support/facts.ts";

const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("clocks", T);
const { take, series } = own;

describe("client clocks against their KMS host's", () => {
  const skewed = async () => {
    const found = [...(await series())].filter(([key]) => key.startsWith("activation_clock_skewed_computers{"));
    return Object.fromEntries(found.map(([key, value]) => [/zone="(.*?)"/.exec(key)![1]!, value]));
  };
  /** Requests of clients one after the other, whose clocks are ahead by so much. */
  const asking = (clients: readonly number[], ahead: number, { from = T - HOUR, hresult = "0x0" } = {}) =>
    clients.map((client, i) => {
      const at = from + i * SECOND;
      const fact = request({ at, client, hresult });
      const clock = new Date(at + ahead).toISOString().slice(0, 16).replaceAll("-", "/").replace("T", " ");
      return { ...fact, data: fact.data.with(4, clock) };
    });
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  test("those that are more than an hour off, served or refused, until they are right again", async () => {
    await take(KMS01, [
      ...asking(range(0, 30), 0),
      ...asking([30, 31], 2 * HOUR, { from: T - HOUR / 2 }),
      ...asking([32], -5 * HOUR, { from: T - HOUR / 3, hresult: "0xC004F06C" }),
      ...asking([33], 50 * MINUTE, { from: T - HOUR / 3 }),
    ]);
    expect(await skewed()).toMatchObject({ unassigned: 3 });
    await own.reopen("zones: [{ name: lab, kind: lab, computers: [pc31.*] }]");
    expect(await skewed()).toMatchObject({ unassigned: 2, lab: 1 });
    expect(await own.engine.answer({ ask: "kms-host", host: KMS01 })).toMatchObject({
      clock_skewed: [
        { client_fqdn: "pc30.contoso.com", minutes_off: 120 },
        { client_fqdn: "pc31.contoso.com", minutes_off: 120 },
        { client_fqdn: "pc32.contoso.com", minutes_off: -300 },
      ],
    });
    own.now += HOUR;
    await take(KMS01, asking([30, 32], 0, { from: T }));
    expect(await skewed()).toMatchObject({ lab: 1 });
    own.now += 31 * DAY;
    expect(await skewed()).toMatchObject({ lab: 0 });
  });

  test("all by the same: the host's clock is wrong; once it is corrected no client was off", async () => {
    await take(KMS01, asking(range(0, 30), -3 * HOUR));
    expect(await skewed()).toMatchObject({ core: 0 });
    own.now += 7 * DAY;
    await take(KMS01, asking([0], 0, { from: own.now - HOUR }));
    expect(await skewed()).toMatchObject({ core: 0 });
    await take(KMS01, asking([1], 3 * HOUR, { from: own.now - HOUR / 2 }));
    expect(await skewed()).toMatchObject({ unassigned: 1 });
  });

  test("a computer with an agent is in its agent's zone, and judged by its own sending", async () => {
    await take("pc30.contoso.com", [licensing()]);
    await take("pc31.contoso.com", [licensing(), heartbeat(own.now)]);
    await take(KMS01, [...asking(range(0, 5), 0), ...asking([30, 31], 2 * HOUR, { from: T - HOUR / 2 })]);
    expect(await skewed()).toMatchObject({ core: 1 });
  });

  test("one that asks two hosts counts once", async () => {
    for (const host of [KMS01, "kms02.contoso.com"])
      await take(
        host,
        [...asking(range(0, 5), 0), ...asking([30], 2 * HOUR, { from: T - HOUR / 2 })].map((it) => ({
          ...it,
          computer: host,
        })),
      );
    expect(await skewed()).toMatchObject({ unassigned: 1 });
  });

  test("a request that arrives late does not overrule a newer one", async () => {
    await take(KMS01, [...asking(range(0, 5), 0), ...asking([4], 2 * HOUR, { from: T - 3 * HOUR })]);
    expect(await skewed()).toMatchObject({ core: 0 });
  });
});
