import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome.exe", "msedge.exe"];

/** The Chromium of this computer. @throws Error where there is none on the PATH */
export const runningBrowser = (): Promise<Browser> => {
  const files = (process.env.PATH ?? "").split(delimiter).flatMap((it) => NAMES.map((name) => join(it, name)));
  const executablePath = files.find((it) => existsSync(it));
  if (!executablePath) throw new Error("There is no Chromium on the PATH.");
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
};
