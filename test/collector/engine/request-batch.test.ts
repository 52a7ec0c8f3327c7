import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { pack, unpack } from "../../../collector/engine/request-batch.ts";

const posted = fc.record(
  {
    body: fc.uint8Array({ maxLength: 50 }),
    encoding: fc.constantFrom("protobuf" as const, "json" as const),
    receivedAt: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    imported: fc.boolean(),
    certified: fc.array(fc.string()),
  },
  { requiredKeys: ["body", "encoding", "receivedAt", "imported"] },
);

test("what is packed comes out as it was, empty bodies included", () => {
  fc.assert(
    fc.property(fc.array(posted), (requests) => {
      const arrived = unpack(structuredClone(pack(requests)));
      expect(arrived.map((it) => ({ ...it, body: [...it.body] }))).toEqual(
        requests.map((it) => ({ ...it, body: [...it.body] })),
      );
    }),
  );
});
