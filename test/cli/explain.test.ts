import { expect, test } from "@jest/globals";
import { cli } from "../support/cli.ts";

test.each([
  [["0xC004F038"], 0, "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)\n  Meaning: ", ""],
  [["-1073418184", "--lang", "ja"], 0, "0xC004F038 (SL_E_VL_NOT_ENOUGH_COUNT)\n  意味: ", ""],
  [["12290"], 0, "Event 12290\n  Meaning: KMS host: ", ""],
  [["0xC004F037"], 1, "", "0xC004F037 is not in the table; the nearest known: 0xC004F03"],
  [["banana"], 2, "", 'explain: "banana" is neither a result code nor an event ID'],
  [[], 2, "", "missing required argument"],
])("explain %p ends with %d", async (args, code, out, err) => {
  expect(await cli(["explain", ...args])).toEqual({
    code,
    out: out === "" ? "" : expect.stringContaining(out),
    err: err === "" ? "" : expect.stringContaining(err),
  });
});
