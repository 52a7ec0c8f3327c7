import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import koffi, { type TypeObject } from "koffi";
import * as types from "../../agent/win32/service-types.ts";

/** The names of our structures are those of winsvc.h and dsgetdc.h, in the very headers that Windows programs are compiled with. */
const structures = Object.entries(types).filter(([, it]) => it.members !== undefined && it.proto === undefined);
const assertions = structures.flatMap(([name, type]: [string, TypeObject]) => [
  `_Static_assert(sizeof(${name}) == ${type.size}, "sizeof ${name}");`,
  ...Object.entries(type.members!).map(
    ([field, { offset }]) => `_Static_assert(offsetof(${name}, ${field}) == ${offset}, "${name}.${field}");`,
  ),
]);
const compiled = (lines: readonly string[]) =>
  spawnSync("x86_64-w64-mingw32-gcc", ["-fsyntax-only", "-xc", "-"], {
    input: `#include <stddef.h>\n#include <windows.h>\n#include <winsvc.h>\n#include <dsgetdc.h>\n${lines.join("\n")}\n`,
    encoding: "utf8",
  });

test("structures for the service manager lie in memory as the SDK's header says", () => {
  expect(structures.length).toBeGreaterThan(6);
  expect(compiled(assertions)).toMatchObject({ status: 0, stderr: "" });
  const wrong = koffi.offsetof(types.SERVICE_FAILURE_ACTIONSW, "cActions") + 4;
  const off = `_Static_assert(offsetof(SERVICE_FAILURE_ACTIONSW, cActions) == ${wrong}, "off");`;
  expect(compiled([off]).status).not.toBe(0);
});
