import { expect, test } from "@jest/globals";
import { isManaged, isPasswordless, serviceSid } from "../../../agent/win32/account-sid.ts";
import { isTrusted } from "../../../agent/win32/protect.ts";
import { withoutDomains } from "../../../agent/win32/sddl.ts";

test("a service's SID is computed from its name, whatever its case: TrustedInstaller's is the one that every Windows has", () => {
  const known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
  expect(serviceSid("NT SERVICE\\TrustedInstaller")).toBe(known);
  expect(serviceSid("nt service\\TRUSTEDINSTALLER")).toBe(known);
  expect(serviceSid("CONTOSO\\TrustedInstaller")).toBeUndefined();
});

test.each([
  ["CONTOSO\\gmsa-activation$", true],
  ["gmsa-activation$@contoso.com", true],
  ["CONTOSO\\svc$backup", false],
  ["LocalSystem", false],
])("%s is a managed account: %s", (account, managed) => expect(isManaged(account)).toBe(managed));

test.each([
  ["LocalSystem", true],
  [".\\LocalSystem", true],
  ["NT AUTHORITY\\Local Service", true],
  ["nt authority\\networkservice", true],
  ["NT SERVICE\\activation-monitor", false],
  ["CONTOSO\\gmsa$", false],
])("the password of %s is empty: %s; all others have none", (account, passwordless) =>
  expect(isPasswordless(account)).toBe(passwordless),
);

test("only those who may change everything anyway own what the installation takes over", () => {
  const service = "S-1-5-80-1-2-3-4-5";
  expect(["SY", "BA", service].every((it) => isTrusted(it, [service]))).toBe(true);
  expect(["BU", "S-1-5-21-1-2-3-1001", "LS"].some((it) => isTrusted(it, [service]))).toBe(false);
});

test("a report keeps an access list and not the domain in it", () => {
  const sddl = "O:S-1-5-21-1004336348-1177238915-682003330-500D:P(A;;FA;;;SY)(A;;FA;;;S-1-5-80-1-2-3-4-5)";
  expect(withoutDomains(sddl)).toBe("O:S-1-5-21-x-500D:P(A;;FA;;;SY)(A;;FA;;;S-1-5-80-1-2-3-4-5)");
});
