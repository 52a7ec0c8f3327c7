import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect } from "@jest/globals";
import { until } from "../support/until.ts";
import { ENGLISH, JAPANESE, openWine, type Wine } from "../support/wine.ts";
import { underWine } from "./under-wine.ts";

underWine("Node for Windows", [ENGLISH, JAPANESE], ({ home, test }) => {
  let wine: Wine;
  afterEach(() => wine?.close());
  test("what one test writes into the registry is in no other", async () => {
    wine = await openWine(home, ENGLISH);
    const key = "HKLM\\Software\\OfOneTest";
    expect((await wine.run(["reg", "add", key, "/f"])).code).toBe(0);
    // The wineserver writes some seconds after the last program has ended.
    await until(async () => readFileSync(join(wine.folder, "prefix/system.reg"), "utf8").includes("OfOneTest"));
    await wine.close();
    wine = await openWine(home, ENGLISH);
    expect((await wine.run(["reg", "query", key])).code).not.toBe(0);
  });
  test.each([
    { locale: ENGLISH, language: "en-US", codePage: "1252" },
    { locale: JAPANESE, language: "ja-JP", codePage: "932" },
  ])("runs in a prefix of $locale, and nothing of it is left", async ({ locale, language, codePage }) => {
    wine = await openWine(home, locale);
    copyFileSync(home.nodeExe, join(wine.folder, "node.exe"));
    const script = "console.log(process.version, process.platform, Intl.DateTimeFormat().resolvedOptions().locale)";
    expect(await wine.run(["Z:\\computer\\node.exe", "-e", script])).toMatchObject({
      code: 0,
      out: `v24.21.0 win32 ${language}\n`,
    });
    const codePages = ["reg", "query", "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage", "/v", "ACP"];
    expect((await wine.run(codePages)).out).toMatch(new RegExp(`ACP\\s+REG_SZ\\s+${codePage}`));
    const service = await wine.start(["Z:\\computer\\node.exe", "-e", "setInterval(() => {}, 1000)"]);
    await wine.close();
    expect(await service.ended).not.toBe(0);
  });
});
