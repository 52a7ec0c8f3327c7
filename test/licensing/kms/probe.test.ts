import { describe, expect, test } from "@jest/globals";
import {
  discoveryOf,
  domainOfSrv,
  isAnswer,
  kmsTargetOf,
  leadsNowhere,
  srvRecordsOf,
  targetText,
} from "../../../licensing/kms/probe.ts";
import { licensing, product } from "../../support/facts.ts";

describe("a target", () => {
  test.each([
    ["kms01.contoso.com", "kms01.contoso.com:1688"],
    [" KMS01.Contoso.com.:1700 ", "kms01.contoso.com:1700"],
    ["kms_01", "kms_01:1688"],
    ["ホスト.contoso.com", "ホスト.contoso.com:1688"],
    ["10.0.0.1", "10.0.0.1:1688"],
    ["2001:DB8::1", "[2001:db8::1]:1688"],
    ["[2001:db8::1]:99", "[2001:db8::1]:99"],
    ["[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]:1688"],
    ["fe80::1%eth0", "[fe80::1%eth0]:1688"],
  ])("%s is %s, and reads the same again", (written, text) => {
    const read = kmsTargetOf(written)!;
    expect(targetText(read)).toBe(text);
    expect(kmsTargetOf(text)).toEqual(read);
  });
  test.each([
    "",
    ":1688",
    "kms01:",
    "kms01:0",
    "kms01:65536",
    "kms01:x",
    "a b",
    "a/b",
    'a"b',
    "[kms01]",
    "[::1]x",
    "::1:zz",
    "-a",
  ])("%j is none", (it) => expect(kmsTargetOf(it)).toBeUndefined());
});

test("a domain, however the probe wrote it", () => {
  for (const it of ["contoso.com", "_vlmcs._tcp.contoso.com.", "_VLMCS._TCP.Contoso.com"])
    expect(domainOfSrv(it)).toBe("contoso.com");
});

test("only an answer of DNS says what is published", () => {
  expect(["ok", "nxdomain", "no_records"].every(isAnswer)).toBe(true);
  expect(["servfail", "refused", "timeout", "malformed", "error", "something new"].some(isAnswer)).toBe(false);
});

test.each([
  [
    "as our agent ships them",
    { target: "KMS01.contoso.com.", port: 1688, priority: 1, weight: 2, resolution: "ok" },
    ["kms01.contoso.com", 1688, 1, 2],
  ],
  ["as node and others call the target", { name: "kms01", port: "1688" }, ["kms01", 1688, 0, 0]],
  ["without a service", { target: ".", port: 0, priority: 0, weight: 0 }, [".", 0, 0, 0]],
  ["without a port", { target: "kms01" }, undefined],
  ["without a target", { port: 1688 }, undefined],
  ["with a payload", { target: 'kms01"} 1\n', port: 1688 }, undefined],
  ["with numbers that no record has", { target: "kms01", port: 1688, weight: 70_000 }, undefined],
  ["below zero", { target: "kms01", port: -1 }, undefined],
] as const)("a record %s", (_, written, read) => {
  const [it] = srvRecordsOf([written]);
  expect(it && [it.target, it.port, it.priority, it.weight]).toEqual(read);
});

test("a record leads nowhere when that was answered, not when nobody answered", () => {
  const record = { target: "kms01", port: 1688, priority: 0, weight: 0 };
  expect(["nxdomain", "no_records"].every((resolution) => leadsNowhere({ ...record, resolution }))).toBe(true);
  expect(["ok", "servfail", "timeout"].some((resolution) => leadsNowhere({ ...record, resolution }))).toBe(false);
  expect(leadsNowhere(record)).toBe(false);
  expect(leadsNowhere({ ...record, target: "." })).toBe(true);
});

test("where a computer looks for its KMS host: pinned, discovered, by a domain; what it does not have is left out", () => {
  const fact = licensing(
    [
      product({
        DiscoveredKeyManagementServiceMachineName: "KMS02.contoso.com",
        DiscoveredKeyManagementServiceMachinePort: 1_700,
        KeyManagementServiceLookupDomain: "Lookup.contoso.com.",
      }),
      product({ KeyManagementServiceMachine: "", KeyManagementServicePort: 0 }),
    ],
    { service: { KeyManagementServiceMachine: "kms01", KeyManagementServicePort: 0 } },
  );
  expect(discoveryOf(fact)).toEqual({
    hosts: [
      { host: "kms01", port: 1688 },
      { host: "kms02.contoso.com", port: 1700 },
    ],
    domains: ["lookup.contoso.com"],
  });
});
