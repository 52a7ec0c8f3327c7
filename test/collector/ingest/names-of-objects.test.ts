import { expect, test } from "@jest/globals";
import { HOUR, SECOND } from "../../../licensing/time.ts";
import { ownEngine } from "../../support/engine.ts";
import { answered, KMS01, request, sent } from "../../support/facts.ts";

/** A client may name a KMS host as JavaScript names the members of every object. */
const T = Date.parse("2026-11-20T12:00:00Z");
const own = ownEngine("names-of-objects", T);

test.each(["__proto__", "constructor", "__proto__.contoso.com", "hasOwnProperty"])(
  "a client that asks %s is one that uses an alias, and stops nothing",
  async (name) => {
    const at = T - HOUR;
    for (const target of [`${name}:1688`, `${name}:1688`])
      expect(await own.take("pc1.contoso.com", [sent({ at, client: 1, target })])).toMatchObject({ outcome: "stored" });
    await own.take("pc1.contoso.com", [answered({ at: at + SECOND, client: 1, asked: at, count: 31 })]);
    await own.take(KMS01, [request({ at: at + 2 * SECOND, client: 2 }), request({ at, client: 1 })]);
    expect(await own.figure("kms_told_clients")).toBe(31);
    expect(await own.engine.answer({ ask: "kms-host", host: KMS01 })).toMatchObject({ aliases: [name.toLowerCase()] });
    await own.reopen();
    expect(await own.figure("kms_told_clients")).toBe(31);
  },
);
