import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { iso } from "../../licensing/time.ts";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { runningCollector } from "../support/collector.ts";
import { fromAgent, heartbeat, licensing, seriesOf } from "../support/facts.ts";
import { postTo } from "../support/http.ts";
import { keeping, ownFolder } from "../support/keep.ts";

/** The real program with a clock that is set by libfaketime, while its monotonic clock goes on. */
const LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const keep = keeping();
const folder = ownFolder("fake-time");
const testThere = existsSync(LIBRARY) ? test : test.skip;

testThere(
  "a collector whose clock jumps by two years answers 503, says so, and goes on when it is right",
  async () => {
    const offset = join(folder(), "offset");
    writeFileSync(offset, "+0");
    const { otlpUrl, webUrl } = keep(
      await runningCollector("", join(folder(), "data"), {
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: offset,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      }),
    );
    const post = async () => {
      const now = Date.now();
      const facts = [licensing(), heartbeat(now, { sentAt: iso(now) })];
      const answer = await postTo(otlpUrl, encodeLogs([fromAgent("pc1.contoso.com", facts, now)]));
      return { status: answer.status, retry: answer.headers.get("retry-after"), text: await answer.text() };
    };
    const suspect = async () =>
      seriesOf(await (await fetch(`${webUrl}/metrics`)).text()).get("activation_collector_clock_suspect");
    expect((await post()).status).toBe(200);
    expect(await suspect()).toBe(0);
    for (const days of ["+730d", "-730d"]) {
      writeFileSync(offset, days);
      expect(await post()).toMatchObject({
        status: 503,
        retry: expect.any(String),
        text: expect.stringContaining("clock is doubted"),
      });
      expect(await suspect()).toBe(1);
      writeFileSync(offset, "+0");
      expect((await post()).status).toBe(200);
      expect(await suspect()).toBe(0);
    }
  },
  60_000,
);
