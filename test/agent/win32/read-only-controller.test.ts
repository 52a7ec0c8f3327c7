import { expect, test } from "@jest/globals";
import { readOnlyIn } from "../../../agent/win32/read-only-controller.ts";

/** DS_PDC_FLAG to DS_WS_FLAG as two kinds of domain controllers tell them: writable with all secrets, or read-only with some. */
const WRITABLE = 0xe000_33fd;
const READ_ONLY = 0xe000_2a7c;

test.each([
  [{ DomainControllerName: "\\\\dc1.contoso.com", Flags: WRITABLE }, false],
  [{ DomainControllerName: "\\\\DC1.contoso.com", Flags: READ_ONLY }, true],
  [{ DomainControllerName: "\\\\dc2.contoso.com", Flags: READ_ONLY }, undefined],
  [{ DomainControllerName: null, Flags: READ_ONLY }, undefined],
])("what DsGetDcName says of %o", (info, expected) => {
  expect(readOnlyIn(info, "dc1.contoso.com")).toBe(expected);
});
