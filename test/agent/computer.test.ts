import { networkInterfaces } from "node:os";
import { expect, test } from "@jest/globals";
import { computerOf } from "../../agent/computer.ts";
import { tellingAddresses } from "../../licensing/networks.ts";

const about = { host: "pc1.contoso.com", instanceId: "i", version: "1", zone: "core" };

test("of this computer the agent reports its interfaces' addresses, ten at most; of others none", () => {
  const { addresses } = computerOf("pc1.contoso.com", about);
  const own = Object.values(networkInterfaces()).flatMap((them = []) => them.map((it) => it.address));
  expect(addresses).toEqual(tellingAddresses(own));
  expect(addresses!.length).toBeLessThanOrEqual(10);
  expect(addresses).not.toContain("127.0.0.1");
  expect(computerOf("other.contoso.com", about).addresses).toBeUndefined();
});
