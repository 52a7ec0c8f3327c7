import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { forgetOldUndo, forgetUndo, openUndo, undoFiles } from "../../../agent/commands/install-undo.ts";
import { HOUR, SECOND } from "../../../licensing/time.ts";
import { ownFolder } from "../../support/keep.ts";

const folder = ownFolder("install-undo");
const record = () => join(folder(), "install-undo.json");
const isOurs = () => true;

const installed = () => {
  const [config, token] = [join(folder(), "agent.yaml"), join(folder(), "token")];
  writeFileSync(config, "zone: core\n");
  const undo = openUndo(folder());
  for (const it of [config, token, config]) {
    undo.willWrite(it);
    writeFileSync(it, "new");
  }
  undo.willRegister({ command: "node.exe", account: "LocalSystem" });
  return { config, token };
};

test("a rollback puts back what was written, removes what was new, and tells the service as it was", () => {
  const { config, token } = installed();
  expect(undoFiles(folder(), isOurs)).toEqual({
    files: [config, token],
    service: { command: "node.exe", account: "LocalSystem" },
  });
  expect(readFileSync(config, "utf8")).toBe("zone: core\n");
  expect(existsSync(token)).toBe(false);
  // Once: the next rollback is another installation's.
  expect(undoFiles(folder(), isOurs)).toEqual({ files: [] });
});

test("an older installation, or a record that somebody else put there, is not undone", () => {
  const { config } = installed();
  expect(undoFiles(folder(), () => false)).toEqual({ files: [] });
  forgetOldUndo(folder());
  expect(existsSync(record())).toBe(true);
  const old = (Date.now() - HOUR) / SECOND;
  utimesSync(record(), old, old);
  expect(undoFiles(folder(), isOurs)).toEqual({ files: [] });
  forgetOldUndo(folder());
  expect(existsSync(record())).toBe(false);
  expect(readFileSync(config, "utf8")).toBe("new");
});

test("an installation that ends before it changed anything leaves no record of the one before it", () => {
  installed();
  forgetUndo(folder());
  expect(undoFiles(folder(), isOurs)).toEqual({ files: [] });
});
