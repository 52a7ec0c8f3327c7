import { expect, test } from "@jest/globals";
import { replaceFile } from "../../../agent/spool/replace-file.ts";

const failing = (code: string, times: number) => {
  let calls = 0;
  const rename = () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error(code), { code });
  };
  return { rename, calls: () => calls };
};

test.each(["EPERM", "EACCES", "EBUSY"])("%s while a scanner has the file open is waited for", (code) => {
  const it = failing(code, 4);
  replaceFile("a.new", "a", it.rename);
  expect(it.calls()).toBe(5);
});

test("a file that stays open is an error after half a second; another error is one at once", () => {
  const open = failing("EPERM", 99);
  expect(() => replaceFile("a.new", "a", open.rename)).toThrow("EPERM");
  expect(open.calls()).toBe(10);
  const full = failing("ENOSPC", 99);
  expect(() => replaceFile("a.new", "a", full.rename)).toThrow("ENOSPC");
  expect(full.calls()).toBe(1);
});
