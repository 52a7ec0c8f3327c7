import { expect, test } from "@jest/globals";
import { withoutCredentials } from "../../config/shown-url.ts";

test.each([
  ["http://127.0.0.1:4318", "http://127.0.0.1:4318"],
  ["https://user:secret@collector.contoso.com/", "https://collector.contoso.com/"],
  ["https://token@collector.contoso.com", "https://collector.contoso.com"],
  ["http://user:p@ss/word@collector.contoso.com", "http://collector.contoso.com"],
  ["sqlite:./data/activation.db", "sqlite:./data/activation.db"],
])("%s", (url, shown) => {
  expect(withoutCredentials(url)).toBe(shown);
});
