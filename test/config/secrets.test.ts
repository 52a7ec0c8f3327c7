import { expect, test } from "@jest/globals";
import { passwordIn, tokensIn } from "../../config/secrets.ts";

const LONG = "0123456789abcdef";

test("tokens, one per line, some bound to computers", () => {
  expect(tokensIn(`# agents\n\n${LONG}\r\n  ${LONG}-2  PC1.contoso.com *.lab.contoso.com\n`)).toEqual([
    { token: LONG },
    { token: `${LONG}-2`, hosts: ["pc1.contoso.com", "*.lab.contoso.com"] },
  ]);
});

test.each([
  ["x", "line 1: a token has 16 characters or more, without blanks"],
  [`${LONG}\nmy secret token`, "line 2: a token has 16 characters or more, without blanks"],
  [`${LONG}é`, "line 1: a token has letters, digits"],
  [`${LONG} pc1,pc2`, "line 1: after the token come names of computers"],
])("%j is refused with words, and without the secret", (text, words) => {
  expect(() => tokensIn(text)).toThrow(words);
  expect(() => tokensIn(text)).not.toThrow(/my|secret|0123/);
});

test("a password is the file's only line, whatever it begins with and holds", () => {
  expect(passwordIn("#pa:ss wörd \r\n")).toBe("#pa:ss wörd ");
  expect(passwordIn("12345678")).toBe("12345678");
  expect(() => passwordIn("12345678\n12345679\n")).toThrow("more than one line");
  for (const it of ["", "\n", "1234567\n"]) expect(() => passwordIn(it)).toThrow("8 characters or more");
});
